import { activity, liveLine } from '@goald/cli/progress/live-line.js';
import { paintLine } from '@goald/cli/progress/paint-line.js';
import { reduce } from '@goald/cli/progress/reducer.js';
import { initialView, type ProgressInput, type View } from '@goald/cli/progress/view.js';
import { displayWidth } from '@goald/cli/output/text.js';
import type { EventType, GoalEvent } from '@goald/protocol';
import { expect, it } from 'vitest';
import { PLAIN } from '../../helpers/cli/plain.js';
import { commandItem, goalOf } from './samples.js';

let seq = 0;

function event(type: EventType, data: Record<string, unknown>, atMs = 1000): ProgressInput {
  seq += 1;
  const base: GoalEvent = {
    seq,
    atMs,
    type,
    threadId: 't',
    goalId: 'g',
    turnId: null,
    revision: null,
    data,
  };
  return { kind: 'event', event: base };
}

function play(...inputs: ProgressInput[]): { view: View; lines: string[] } {
  let view = initialView(goalOf({}), 0);
  const lines: string[] = [];
  for (const input of inputs) {
    const step = reduce(view, input);
    view = step.view;
    lines.push(...step.lines.map((line) => paintLine(line, PLAIN, Infinity)));
  }
  return { view, lines };
}

const item = (data: Record<string, unknown>): ProgressInput => event('item.completed', data);

it('a command shows how it ended and how long it took', () => {
  const { lines } = play(
    item({
      itemId: 'a',
      itemType: 'commandExecution',
      title: 'npm test',
      exitCode: 1,
      durationMs: 1234,
    }),
    item({
      itemId: 'b',
      itemType: 'commandExecution',
      title: 'npm test',
      exitCode: 0,
      durationMs: 90,
    }),
    item({
      itemId: 'c',
      itemType: 'commandExecution',
      title: 'sleep 9',
      status: 'failed',
      exitCode: null,
    }),
    item({
      itemId: 'd',
      itemType: 'commandExecution',
      title: 'ls',
      status: 'declined',
      exitCode: null,
    }),
  );
  expect(lines).toEqual([
    '✗ npm test  (exit 1, 1.2s)\n',
    '✓ npm test  (90ms)\n',
    '✗ sleep 9  (stopped)\n',
    '✗ ls  (not run)\n',
  ]);
});

it('a patch shows its files with counts, and only an applied one counts as touched', () => {
  const files = [{ path: 'src/a.js', kind: 'update', insertions: 3, deletions: 1 }];
  const { view, lines } = play(
    item({ itemId: 'a', itemType: 'fileChange', status: 'completed', files }),
    item({ itemId: 'b', itemType: 'fileChange', status: 'failed', files: [{ path: 'b.js' }] }),
  );
  expect(lines).toEqual(['✓ patch src/a.js +3 −1\n', '✗ patch b.js +0 −0  (not applied)\n']);
  expect([...view.files]).toEqual(['src/a.js']);
});

it('what the agent says is shown whole when it was streamed, else as the log has it', () => {
  const { view, lines } = play(
    { kind: 'messageDelta', itemId: 'm', delta: 'Both ' },
    { kind: 'messageDelta', itemId: 'm', delta: 'parts.' },
    item({ itemId: 'm', itemType: 'agentMessage', title: 'Bo…' }),
    item({ itemId: 'n', itemType: 'agentMessage', title: 'From the log.' }),
  );
  expect(lines).toEqual(['› Both parts.\n', '› From the log.\n']);
  expect(view.saying.size).toBe(0);
});

it('a plan is shown once, then each tick', () => {
  const steps = (...statuses: string[]): Record<string, unknown> => ({
    steps: statuses.map((status, index) => ({ step: `step ${String(index + 1)}`, status })),
  });
  const { view, lines } = play(
    event('plan.edited', steps('inProgress', 'pending')),
    event('plan.edited', steps('completed', 'inProgress')),
    event('plan.edited', steps('completed', 'completed')),
  );
  expect(lines).toEqual([
    '— plan\n    [▸] step 1\n    [ ] step 2\n',
    '✓ plan: step 1\n',
    '✓ plan: step 2\n',
  ]);
  expect(view.plan.map(({ status }) => status)).toEqual(['completed', 'completed']);
});

it('a verification shows each command, and the end of what a failed one printed', () => {
  const result = { name: 'node --test', command: 'node --test', timedOut: false, durationMs: 120 };
  const { view, lines } = play(
    event('verification.started', { runId: 'r' }),
    event('verification.finished', {
      status: 'failed',
      results: [
        {
          ...result,
          exitCode: 1,
          digest: 'ok 3\nnot ok 4\n\u001b[31m# fail 1\u001b[0m\n# duration 9\n',
        },
      ],
    }),
  );
  expect(lines).toEqual([
    '✗ refused by goald: node --test  (exit 1, 120ms)\n    not ok 4\n    # fail 1\n',
  ]);
  expect(view.verification).toBe('failed');
  const passed = play(
    event('verification.finished', { status: 'passed', results: [{ ...result, exitCode: 0 }] }),
  );
  expect(passed.lines).toEqual(['✓ verified by goald: node --test  (120ms)\n']);
});

it('a retry says when it comes, and the live line counts down until work goes on', () => {
  const retry = event('retry.scheduled', { nextActionAtMs: 13_000, message: 'HTTP 529' }, 1000);
  const { view, lines } = play(retry);
  expect(lines).toEqual(['! provider busy, next try in 12s: HTTP 529\n']);
  expect(activity(view, 4000)).toBe('provider busy, next try in 9s');
  const { view: after } = reduce(view, {
    kind: 'itemStarted',
    item: commandItem('x', 'ls'),
    atMs: 5000,
  });
  expect(activity(after, 5000)).toBe('acting: ls');
});

it('what runs is shown with its time until it ends', () => {
  const started: ProgressInput = {
    kind: 'itemStarted',
    item: commandItem('x', 'npm  test\n'),
    atMs: 1000,
  };
  const { view } = play(started);
  expect(activity(view, 4500)).toBe('acting: npm test (3s)');
  const { view: after } = play(
    started,
    item({ itemId: 'x', itemType: 'commandExecution', exitCode: 0 }),
  );
  expect(activity(after, 4500)).toBe('thinking');
});

it('statuses carry their reason; a lost connection is said once and taken back', () => {
  const { lines } = play(
    event('goal.statusChanged', { from: 'active', to: 'blocked', reason: { message: 'No key.' } }),
    { kind: 'connection', connected: true },
    { kind: 'connection', connected: false },
    { kind: 'connection', connected: false },
    { kind: 'connection', connected: true },
    event('goal.statusChanged', {
      from: 'active',
      to: 'complete',
      reason: { message: 'Complete: done.' },
    }),
  );
  expect(lines).toEqual([
    '✗ goal blocked: No key.\n',
    '! connection to the daemon lost, trying again (the goal is safe)\n',
    '! connected to the daemon again\n',
    '✓ Complete: done.\n',
  ]);
});

it('events of a kind or shape it does not know do not stop it', () => {
  const { lines } = play(
    event('checkpoint.created', { anything: 1 }),
    event('verification.finished', { results: 'none' }),
    event('item.completed', {}),
    event('plan.edited', { steps: [null, 7] }),
  );
  expect(lines.length).toBeLessThanOrEqual(1);
});

it('the live line shows activity, files, tokens against budget, time and turn', () => {
  const { view } = play(
    { kind: 'goal', goal: goalOf({ tokenBudget: 50_000, tokensUsed: 12_345 }), atMs: 0 },
    event('turn.started', { ordinal: 2 }, 1000),
    event('goal.usage', { tokensUsed: 25_000, timeUsedMs: 60_000 }, 2000),
    item({ itemId: 'a', itemType: 'fileChange', status: 'completed', files: [{ path: 'a' }] }),
  );
  expect(liveLine(view, 6000, 100).slice(2)).toBe(
    'thinking · 1 file · 25k/50k ████░░░░ · 1m 04s · turn 2',
  );
});

it.each([10, 20, 40, 79, 200])('the live line never takes more than %i columns', (columns) => {
  const { view } = play(
    { kind: 'itemStarted', item: commandItem('x', `echo ${'日本語'.repeat(40)}`), atMs: 0 },
    event('turn.started', { ordinal: 12 }),
  );
  expect(displayWidth(liveLine(view, 90_000, columns))).toBeLessThanOrEqual(columns);
});

it('reducing changes nothing in the view before', () => {
  const before = initialView(goalOf({}), 0);
  const copy = structuredClone(before);
  reduce(before, { kind: 'itemStarted', item: commandItem('x', 'ls'), atMs: 1 });
  reduce(
    before,
    item({ itemId: 'x', itemType: 'fileChange', status: 'completed', files: [{ path: 'a' }] }),
  );
  expect(before).toEqual(copy);
});

it('a wait shows what for and how it ended; a command in the background is no failure', () => {
  const { lines } = play(
    item({
      itemId: 'a',
      itemType: 'commandExecution',
      title: 'npm start',
      status: 'completed',
      exitCode: null,
      durationMs: 0,
    }),
    item({ itemId: 'b', itemType: 'dynamicToolCall', tool: 'wait', status: 'completed' }),
    event('wait.started', { what: 'process 3 (npm test)' }),
    event('wait.ended', { result: 'exited', elapsedMs: 192_000 }),
    event('wait.ended', { result: 'lost' }),
    event('wait.ended', { result: 'of a later version', elapsedMs: 1000 }),
  );
  expect(lines.map((line) => line.slice(2).trimEnd())).toEqual([
    'npm start  (in the background)',
    'waiting for process 3 (npm test)',
    'the process ended after 3m 12s',
    'the process was lost with the daemon',
    'the wait ended after 1s',
  ]);
});

it('the live line of a waiting goal says what it waits for', () => {
  const waitingFor = {
    waitId: 'w',
    kind: 'process' as const,
    what: 'process 3 (npm test)',
    processId: 3,
    path: null,
    sinceMs: 1000,
    untilMs: null,
  };
  const goal = goalOf({ phase: 'waiting', waitingFor });
  const { view } = play({ kind: 'goal', goal, atMs: 0 });
  expect(activity(view, 0)).toBe('waits for process 3 (npm test)');
});
