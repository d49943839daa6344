import { requests } from '@goald/protocol';
import { calls, toolCall } from '../../../../helpers/model-server/index.js';
import type { Scenario } from '../scenario.js';
import { work } from './work.js';

const BREACH = calls(toolCall('shell', { command: 'echo mine > locked.txt' }));

/** A command changes what it must not; the change is undone, and then comes the plain work. */
export const guarded: Scenario = {
  ...work,
  name: 'guarded',
  files: { 'a.txt': 'one\n', 'locked.txt': 'yours\n' },
  goal: {
    objective: 'a.txt says two.',
    constraints: { paths: { deny: ['locked.txt'] } },
    verification: [{ name: 'two', command: 'grep -q two a.txt' }],
  },
  script: (repository) => {
    const working = work.script(repository);
    return (request) => {
      const tried = request.input.some(
        (item) => item.type === 'call' && item.arguments.includes('locked.txt'),
      );
      return tried ? working(request) : BREACH;
    };
  },
  play: async (stage) => {
    for (;;) {
      const goal = await work.play(stage);
      // What a daemon that died left changed is a person's to judge.
      if (goal.status !== 'blocked' || goal.statusReason?.code !== 'policy') return goal;
      await stage.client.request(requests.threadGoalResume, { threadId: stage.threadId });
    }
  },
};
