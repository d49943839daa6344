import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requests } from '@goald/protocol';
import { expect } from 'vitest';
import { QUICK } from '../../../../helpers/goal-setup.js';
import { calls, toolCall } from '../../../../helpers/model-server/index.js';
import { CLAIM } from '../../../api/support/scripts.js';
import type { Scenario } from '../scenario.js';

const PATCH = '*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch';

/** Claims wrongly, looks, patches, tests and claims: one turn of plain work through the gate. */
export const work: Scenario = {
  name: 'work',
  files: { 'a.txt': 'one\n' },
  config: QUICK,
  goal: {
    objective: 'a.txt says two.',
    verification: [{ name: 'two', command: 'grep -q two a.txt' }],
  },
  script: (repository) => async (request) => {
    const called = (name: string): boolean =>
      request.input.some((item) => item.type === 'call' && item.name === name);
    if (!called('set_goal')) return CLAIM;
    const text = await readFile(join(repository, 'a.txt'), 'utf8');
    if (!text.includes('two')) {
      return {
        text: 'I look and patch.',
        reasoning: 'It says one.',
        toolCalls: [
          toolCall('read_file', { path: 'a.txt' }),
          toolCall('apply_patch', { patch: PATCH }),
        ],
      };
    }
    return called('shell') ? CLAIM : calls(toolCall('shell', { command: 'cat a.txt' }));
  },
  play: async ({ client, threadId }) => {
    const { goal } = await client.request(requests.goalWait, { threadId, timeoutMs: 60_000 });
    if (goal === null) throw new Error('The goal is gone.');
    return goal;
  },
  expectEnd: (goal) => {
    expect(goal).toMatchObject({ status: 'complete', verified: true });
  },
};
