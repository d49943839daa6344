import { goalSchema, type Goal } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { toolBench, type ToolBench } from './tool-bench.js';

const GOAL: Goal = goalSchema.parse({
  threadId: 't',
  objective: 'Make the tests pass',
  status: 'active',
  tokenBudget: 1000,
  tokensUsed: 300,
  timeUsedSeconds: 20,
  createdAt: 1,
  updatedAt: 1,
  goalId: 'g',
  phase: 'acting',
  statusReason: null,
  requirements: [],
  constraints: { paths: { allow: [], deny: ['vendor'] }, notes: ['no new packages'] },
  verification: [{ name: 'tests', command: 'npm test', timeoutSeconds: 60 }],
  role: null,
  isolation: 'inPlace',
  planning: 'off',
  approvalPolicy: null,
  sandbox: null,
  networkAccess: null,
  tokenCeiling: 2000,
  usage: { input: 0, cachedInput: 0, output: 0, reasoning: 0 },
  costBudgetUsd: null,
  costUsd: null,
  timeBudgetSeconds: 100,
  maxTurns: 5,
  turnsUsed: 2,
  progress: null,
  nextActionAtMs: null,
  waitingFor: null,
  verified: false,
  revision: 1,
});

const barrier = (bench: ToolBench, args: object): boolean =>
  bench.tools.prepare(
    { callId: 'c', name: 'set_goal', arguments: JSON.stringify(args) },
    { cwd: bench.cwd, goalTools: true },
  ).barrier;

const EVIDENCE = [{ criterion: 'tests pass', proof: 'npm test: 4 passed' }];

describe('get_goal', () => {
  it('answers the goal, its budgets and what is left, as compact JSON', async () => {
    await using bench = await toolBench();
    bench.goals.current = GOAL;
    const { output, success } = await bench.call('get_goal', {});
    expect(success).toBe(true);
    expect(output).not.toContain('\n');
    expect(JSON.parse(output)).toMatchObject({
      objective: GOAL.objective,
      status: 'active',
      constraints: GOAL.constraints,
      verification: GOAL.verification,
      budgets: { tokens: 1000, seconds: 100, turns: 5, costUsd: null },
      usage: { tokens: 300, seconds: 20, turns: 2 },
      remaining: { tokens: 700, seconds: 80, turns: 3, costUsd: null },
    });
  });

  it('never tells of less than nothing left', async () => {
    await using bench = await toolBench();
    bench.goals.current = { ...GOAL, tokenBudget: null, tokensUsed: 2500, turnsUsed: 9 };
    const { output } = await bench.call('get_goal', {});
    expect(JSON.parse(output)).toMatchObject({
      budgets: { tokens: 2000 },
      remaining: { tokens: 0, turns: 0 },
    });
  });
});

describe('set_goal', () => {
  it('proposes what it was given, with the defaults', async () => {
    await using bench = await toolBench();
    bench.goals.answer = { text: 'The goal is blocked.', success: true, endsTurn: true };
    const result = await bench.call('set_goal', {
      status: 'blocked',
      progress: { summary: 'half' },
      blocker: { summary: 'no key' },
      proposed_objective: 'Less',
    });
    expect(result).toMatchObject({ output: 'The goal is blocked.', success: true, endsTurn: true });
    expect(bench.goals.proposals).toEqual([
      {
        status: 'blocked',
        progress: { summary: 'half', percent: null },
        evidence: [],
        blocker: { summary: 'no key', question: null, severity: 'blocking' },
        proposedObjective: 'Less',
      },
    ]);
  });

  it('is a barrier only when it proposes completion', async () => {
    await using bench = await toolBench();
    expect(barrier(bench, { status: 'complete', evidence: EVIDENCE })).toBe(true);
    expect(barrier(bench, { status: 'paused' })).toBe(false);
    expect(barrier(bench, { progress: { summary: 'x' } })).toBe(false);
    expect(barrier(bench, { status: 'complete', evidence: EVIDENCE, extra: 1 })).toBe(false);
    expect(barrier(bench, { status: 'complete' })).toBe(false);
  });

  it.each([[{ status: 'complete' }], [{ status: 'complete', evidence: [] }]])(
    'refuses completion without evidence and proposes nothing: %j',
    async (args) => {
      await using bench = await toolBench();
      const result = await bench.call('set_goal', args);
      expect(result.success).toBe(false);
      expect(result.output).toContain('needs evidence');
      expect(bench.goals.proposals).toEqual([]);
    },
  );

  it.each([
    ['blocker.summary', { blocker: { summary: 'x'.repeat(4001) } }],
    ['blocker.question', { blocker: { summary: 'x', question: 'x'.repeat(4001) } }],
    ['progress.summary', { progress: { summary: 'x'.repeat(4001) } }],
    ['evidence', { evidence: [{ criterion: 'x', proof: 'x'.repeat(20_001) }] }],
  ])('refuses a %s that nobody would read', async (field, args) => {
    await using bench = await toolBench();
    const result = await bench.call('set_goal', args);
    expect(result).toMatchObject({ success: false });
    expect(result.output).toContain(field);
    expect(bench.goals.proposals).toEqual([]);
  });

  it('refuses an empty call', async () => {
    await using bench = await toolBench();
    expect((await bench.call('set_goal', {})).output).toContain('nothing to set');
    expect(bench.goals.proposals).toEqual([]);
  });
});

describe('update_plan', () => {
  it('stores the steps in the protocol’s words and counts them', async () => {
    await using bench = await toolBench();
    const result = await bench.call('update_plan', {
      steps: [
        { step: 'read', status: 'completed' },
        { step: 'fix', status: 'in_progress' },
        { step: 'test', status: 'pending' },
      ],
    });
    expect(result.output).toBe('Plan updated: 1 of 3 steps completed.');
    expect(bench.goals.plans).toEqual([
      {
        steps: [
          { step: 'read', status: 'completed' },
          { step: 'fix', status: 'inProgress' },
          { step: 'test', status: 'pending' },
        ],
        explanation: null,
      },
    ]);
  });
});
