import { requests } from '@goald/protocol';
import type { Scenario } from '../scenario.js';
import { work } from './work.js';

const FLAKY = 'grep -q two a.txt && { test -e out.tried || { touch out.tried; exit 1; }; }';

/** The check fails once on a tree on which it then passes; when all is done the user has it run again. */
export const checks: Scenario = {
  ...work,
  name: 'checks',
  files: { 'a.txt': 'one\n', '.gitignore': 'out*\n' },
  goal: {
    objective: 'a.txt says two.',
    verification: [{ name: 'two', command: FLAKY, retries: 2 }],
  },
  play: async (stage) => {
    const goal = await work.play(stage);
    const { client, threadId } = stage;
    await client.request(requests.goalVerify, { threadId });
    return goal;
  },
};
