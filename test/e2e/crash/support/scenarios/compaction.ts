import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { QUICK } from '../../../../helpers/goal-setup.js';
import { calls, toolCall } from '../../../../helpers/model-server/index.js';
import { CLAIM } from '../../../api/support/scripts.js';
import type { Scenario } from '../scenario.js';
import { work } from './work.js';

const FILES = Array.from({ length: 9 }, (_, index) => `f${String(index + 1)}.txt`);

/** Writes nine files with long outputs in a small window: the conversation is compacted on the way. */
export const compaction: Scenario = {
  ...work,
  name: 'compaction',
  config: { ...QUICK, model: { contextWindow: 12_000, maxOutputTokens: 1000 } },
  goal: { objective: 'Nine files.', verification: [{ name: 'nine', command: 'ls f9.txt' }] },
  script: (repository) => (request) => {
    if (request.steering?.includes('handover') === true) return { text: 'Some files are written.' };
    const missing = FILES.findIndex((name) => !existsSync(join(repository, name)));
    if (missing === -1) return CLAIM;
    const from = `${String(missing + 1)}0000`;
    const command = `seq ${from} ${String(missing + 1)}0900; touch ${FILES[missing] ?? ''}`;
    return calls(toolCall('shell', { command }));
  },
  expectEnd: (goal) => {
    expect(goal).toMatchObject({ status: 'complete', verified: true });
  },
};
