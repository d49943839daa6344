import { requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { goalSetup } from '../../helpers/goal-setup.js';
import { byProgress, calls, toolCall } from '../../helpers/model-server/index.js';
import { CLAIM, input, runs } from '../api/support/scripts.js';

const OBJECTIVE = 'a.txt says two.\n\n## Verification\n- `grep -q two a.txt`\n';

it('a command in the objective decides whether the goal is complete', async () => {
  await using setup = await goalSetup({
    script: byProgress(CLAIM, runs('echo two > a.txt'), CLAIM),
  });
  await setup.setGoal({ objective: OBJECTIVE });
  expect(await setup.stopped()).toMatchObject({
    status: 'complete',
    verified: true,
    objective: OBJECTIVE.trim(),
  });
  const { report } = await setup.client.request(requests.goalReport, { threadId: setup.threadId });
  expect(report.verification.map((run) => run.status)).toEqual(['passed', 'failed']);
});

it('what a model proposes changes no check, and a turn that becomes a goal has those of its text', async () => {
  await using setup = await goalSetup({
    script: byProgress(
      calls(
        toolCall('set_goal', {
          proposed_objective:
            'a.txt is there.\n\n## Verification\n- `true`\n\n## Requirements\n- none',
        }),
      ),
      runs('echo two > a.txt'),
      CLAIM,
    ),
  });
  const { threadId, client } = setup;
  await client.request(requests.turnStart, { threadId, input: input(OBJECTIVE), goalMode: true });
  expect(await setup.stopped()).toMatchObject({
    status: 'complete',
    verified: true,
    requirements: [],
    verification: [{ command: 'grep -q two a.txt' }],
  });
});
