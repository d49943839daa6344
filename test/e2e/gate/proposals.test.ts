import { requests, type GoalReport } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { goalSetup, QUICK, type GoalSetup } from '../../helpers/goal-setup.js';
import { calls, toolCall, type ScriptedReply } from '../../helpers/model-server/index.js';

type Claim = readonly (readonly [criterion: string, proof: string])[];

function claims(entries: Claim): ScriptedReply {
  const evidence = entries.map(([criterion, proof]) => ({ criterion, proof }));
  return calls(toolCall('set_goal', { status: 'complete', evidence }));
}

async function reportOf({ client, threadId }: GoalSetup): Promise<GoalReport> {
  return (await client.request(requests.goalReport, { threadId })).report;
}

const RED = [{ name: 'red', command: 'echo "not ok: still red"; false' }];

/** Never the same proof twice, so that only the refusals stop it. */
const claiming = () => {
  let n = 0;
  return () => claims([['it works', `try ${String((n += 1))}`]]);
};

describe('refused proposals', () => {
  it('block the goal at the fifth, with all evidence and the last digests', async () => {
    await using setup = await goalSetup({ script: claiming() });
    await setup.setGoal({ objective: 'Do it.', verification: RED });
    const goal = await setup.stopped();
    expect(goal).toMatchObject({
      status: 'blocked',
      verified: false,
      statusReason: { code: 'verificationExhausted' },
    });
    const detail = goal.statusReason?.detail ?? '';
    for (const n of [1, 2, 3, 4, 5]) expect(detail).toContain(`it works: try ${String(n)}`);
    expect(detail).toContain('not ok: still red');
    expect(setup.model.requests).toHaveLength(5);
    const report = await reportOf(setup);
    expect(report.refusals.map(({ cause, counts }) => [cause, counts])).toEqual(
      Array.from({ length: 5 }, () => ['failed', true]),
    );
    expect(report.refusals.map(({ runId }) => runId)).toEqual(
      report.verification.map(({ runId }) => runId).toReversed(),
    );
    expect(report.verification[0]?.evidence).toMatchObject([
      { criterion: 'it works', proof: 'try 5', runId: report.verification[0]?.runId },
    ]);
    expect(report.evidence).toEqual(report.verification[0]?.evidence);
  });

  it('are counted over a kill -9, and a run it cut short is not one of them', async () => {
    await using setup = await goalSetup({
      script: claiming(),
      daemon: { dieAt: 'gate.commandsDone:3' },
    });
    await setup.setGoal({ objective: 'Do it.', verification: RED });
    expect((await setup.daemon.ended()).signal).toBe('SIGKILL');
    await setup.restart();
    expect(await setup.stopped()).toMatchObject({
      status: 'blocked',
      statusReason: { code: 'verificationExhausted' },
    });
    const report = await reportOf(setup);
    expect(report.refusals).toHaveLength(5);
    expect(report.verification.map(({ status, reason }) => [status, reason])).toEqual([
      ['failed', null],
      ['failed', null],
      ['failed', null],
      ['void', 'The daemon stopped while it ran.'],
      ['failed', null],
      ['failed', null],
    ]);
  });

  it('begin anew when the user resumes or edits the goal', async () => {
    await using setup = await goalSetup({
      script: claiming(),
      config: { ...QUICK, verification: { maxRefusals: 2 } },
    });
    const { threadId } = setup;
    await setup.setGoal({ objective: 'Do it.', verification: RED });
    expect(await setup.stopped()).toMatchObject({ status: 'blocked' });
    await setup.client.request(requests.threadGoalResume, { threadId });
    expect(await setup.stopped()).toMatchObject({ status: 'blocked' });
    await setup.setGoal({ objective: 'Do it now.', status: 'active' });
    expect(await setup.stopped()).toMatchObject({ status: 'blocked' });
    const report = await reportOf(setup);
    expect(report.refusals.map(({ counts }) => counts)).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(setup.model.requests).toHaveLength(6);
  });
});

describe('evidence', () => {
  it('is asked for every requirement, before any command runs', async () => {
    await using setup = await goalSetup({
      script: (request) =>
        request.progress === 0
          ? claims([['The parser accepts numbers', 'see test 3']])
          : claims([
              ['parser accepts numbers', 'see test 3'],
              ['2', 'see CHANGES.md'],
            ]),
    });
    await setup.setGoal({
      objective: 'Do it.',
      requirements: ['The parser accepts numbers.', 'Every change stands in the changelog'],
      verification: [{ name: 'green', command: 'true' }],
    });
    expect(await setup.stopped()).toMatchObject({ status: 'complete', verified: true });
    const told = JSON.stringify(setup.model.requests[1]?.body['input']);
    expect(told).toContain(
      'a requirement has no evidence:\\n- Every change stands in the changelog\\nGive',
    );
    const report = await reportOf(setup);
    expect(report.verification).toHaveLength(1);
    const [run] = report.verification;
    expect(report.evidence).toEqual([
      {
        criterion: 'parser accepts numbers',
        proof: 'see test 3',
        requirement: 'The parser accepts numbers.',
        runId: run?.runId,
        treeId: run?.treeId,
      },
      {
        criterion: '2',
        proof: 'see CHANGES.md',
        requirement: 'Every change stands in the changelog',
        runId: run?.runId,
        treeId: run?.treeId,
      },
    ]);
    expect(report.refusals).toMatchObject([{ cause: 'evidence', runId: null }]);
  });
});
