import {
  GOAL_STATUSES,
  goalSchema,
  notifications,
  type GoalStatus,
  type StatusReasonCode,
} from '@goald/protocol';
import type { SetParams } from '@goald/server/goals/goal-definition.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUDGET, codeOf, goalIn, USED } from './support/goal-in.js';
import { byUser, openWorld, type World } from './support/world.js';

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => {
  world[Symbol.dispose]();
});

const THREAD = 'thread';

/** What an act of a user does: `=` nothing at all, `–` invalid_transition, else status, reason and events. */
type Cell =
  | '='
  | '–'
  | { readonly refused: string }
  | {
      readonly status: GoalStatus;
      readonly reason?: StatusReasonCode;
      readonly events: readonly string[];
      readonly newGoal?: boolean;
    };

const CREATED = 'goal.created';
const EDITED = 'goal.edited';
const MOVED = 'goal.statusChanged';

const edit = (status: GoalStatus): Cell => ({ status, events: [EDITED] });
const active: Cell = { status: 'active', events: [MOVED] };
const editActive: Cell = { status: 'active', events: [EDITED, MOVED] };
const paused: Cell = { status: 'paused', reason: 'user', events: [MOVED] };
const completed: Cell = { status: 'complete', reason: 'completed', events: [MOVED] };
const newGoal: Cell = { status: 'active', events: [CREATED], newGoal: true };
const spent: Cell = { refused: 'budget_exhausted' };

interface Act {
  readonly act: string;
  readonly run: (world: World) => unknown;
  /** active, paused, blocked, usageLimited, budgetLimited, complete */
  readonly cells: readonly Cell[];
}

const set = (params: Omit<SetParams, 'threadId'>) => (target: World) =>
  target.goals.set({ threadId: THREAD, ...params }, byUser());

const ACTS: readonly Act[] = [
  {
    act: 'a new objective',
    run: set({ objective: 'new' }),
    cells: [
      edit('active'),
      edit('paused'),
      edit('blocked'),
      edit('usageLimited'),
      edit('budgetLimited'),
      newGoal,
    ],
  },
  {
    act: 'status active',
    run: set({ status: 'active' }),
    cells: ['=', active, active, active, spent, active],
  },
  {
    act: 'a resume',
    run: ({ goals }) => goals.resume({ threadId: THREAD }, byUser()),
    cells: ['=', active, active, active, spent, active],
  },
  {
    act: 'a new objective and status active',
    run: set({ objective: 'new', status: 'active' }),
    cells: [edit('active'), editActive, editActive, editActive, spent, newGoal],
  },
  {
    act: 'a new objective, status active and a higher budget',
    run: set({ objective: 'new', status: 'active', tokenBudget: 5_000 }),
    cells: [edit('active'), editActive, editActive, editActive, editActive, newGoal],
  },
  {
    act: 'status paused',
    run: set({ status: 'paused' }),
    cells: [paused, '=', paused, paused, paused, '–'],
  },
  {
    act: 'a pause',
    run: ({ goals }) => goals.pause({ threadId: THREAD }, byUser()),
    cells: [paused, '=', paused, paused, paused, '–'],
  },
  {
    act: 'status complete',
    run: set({ status: 'complete' }),
    cells: [completed, completed, completed, completed, completed, '='],
  },
  {
    act: 'a higher budget',
    run: set({ tokenBudget: 5_000 }),
    cells: [
      edit('active'),
      edit('paused'),
      edit('blocked'),
      edit('usageLimited'),
      edit('budgetLimited'),
      edit('complete'),
    ],
  },
  {
    act: 'a budget as low as what is used',
    run: set({ tokenBudget: USED }),
    cells: [
      { status: 'budgetLimited', reason: 'tokenBudget', events: [EDITED, MOVED] },
      edit('paused'),
      edit('blocked'),
      edit('usageLimited'),
      edit('budgetLimited'),
      edit('complete'),
    ],
  },
  ...(['blocked', 'usageLimited', 'budgetLimited'] as const).map((status): Act => ({
    act: `status ${status}`,
    run: set({ status }),
    cells: ['–', '–', '–', '–', '–', '–'],
  })),
];

const CASES = ACTS.flatMap(({ act, run, cells }) =>
  GOAL_STATUSES.map((from, column) => ({ act, run, from, cell: cells[column] ?? '–' })),
);

describe('what a user does to a goal', () => {
  it.each(CASES)('$act, to a goal that is $from', ({ run, from, cell }) => {
    const before = goalIn(world, THREAD, from);
    const seq = world.store.headSeq;
    world.told.length = 0;
    world.nowMs += 5_000;

    const code = codeOf(() => run(world));
    const after = world.goals.get(THREAD);
    const events = world.events(seq);

    if (cell === '=' || cell === '–' || 'refused' in cell) {
      expect(code).toBe(cell === '=' ? null : cell === '–' ? 'invalid_transition' : cell.refused);
      expect(after).toEqual(before);
      expect(events).toEqual([]);
      expect(world.told).toEqual([]);
      return;
    }
    expect(code).toBeNull();
    expect(after).toMatchObject({ status: cell.status });
    if (after === null) return;
    expect(goalSchema.parse(after)).toEqual(after);
    const starts = after.status === 'active' && cell.events.at(-1) !== EDITED;
    expect(after.phase).toBe(after.status === 'active' ? (starts ? 'queued' : before.phase) : null);
    expect(events.map(({ type }) => type)).toEqual(cell.events);
    expect(events.at(-1)).toMatchObject({ revision: after.revision, goalId: after.goalId });
    if (cell.newGoal === true) {
      expect(after.goalId).not.toBe(before.goalId);
    } else {
      expect(after.goalId).toBe(before.goalId);
      expect(after.revision).toBeGreaterThan(before.revision);
    }
    if (cell.reason !== undefined) {
      expect(after.statusReason).toMatchObject({ code: cell.reason, atMs: world.nowMs });
      expect(after.statusReason?.message).not.toBe('');
    } else if (after.status === 'active') {
      expect(after.statusReason).toBeNull();
    } else {
      expect(after.statusReason).toEqual(before.statusReason);
    }
    expect(world.told).toHaveLength(1);
    const last = world.told[0]?.outgoing.at(-1);
    expect(last).toEqual({
      method: notifications.threadGoalUpdated.method,
      audience: { to: 'all' },
      params: { threadId: THREAD, turnId: null, goal: after },
    });
  });

  it.each(GOAL_STATUSES)('a clear removes a goal that is %s and keeps it readable', (from) => {
    const before = goalIn(world, THREAD, from);
    const seq = world.store.headSeq;
    world.told.length = 0;
    expect(world.goals.clear({ threadId: THREAD }, byUser())).toBe(true);
    expect(world.goals.get(THREAD)).toBeNull();
    expect(world.events(seq)).toMatchObject([{ type: 'goal.cleared', goalId: before.goalId }]);
    expect(world.told.flatMap(({ outgoing }) => outgoing)).toEqual([
      {
        method: notifications.threadGoalCleared.method,
        audience: { to: 'all' },
        params: { threadId: THREAD },
      },
    ]);
    expect(world.queries.resolve({ goalId: before.goalId })).toMatchObject({ objective: 'old' });
  });
});

describe('a thread without a goal', () => {
  beforeEach(() => {
    world.thread(THREAD);
  });

  it.each([
    ['objective alone', {}, 'active'],
    ['objective and status active', { status: 'active' }, 'active'],
    ['objective and status paused', { status: 'paused' }, 'paused'],
  ] as const)('%s makes a goal', (_title, extra, status) => {
    const goal = world.goals.set({ threadId: THREAD, objective: 'new', ...extra }, byUser());
    expect(goal).toMatchObject({
      status,
      objective: 'new',
      revision: 1,
      tokensUsed: 0,
      turnsUsed: 0,
      timeUsedSeconds: 0,
      usage: { input: 0, cachedInput: 0, output: 0, reasoning: 0 },
      tokenBudget: null,
      tokenCeiling: 2_000_000,
      timeBudgetSeconds: 14_400,
      maxTurns: 200,
      isolation: 'inPlace',
      planning: 'off',
      verified: false,
      createdAt: world.nowMs / 1000,
      updatedAt: world.nowMs / 1000,
    });
    expect(goal.phase === null).toBe(status !== 'active');
    expect(world.events()).toMatchObject([
      { seq: 1, type: CREATED, goalId: goal.goalId, threadId: THREAD, revision: 1 },
    ]);
  });

  it('a goal that is made paused says that a user wants it so', () => {
    const goal = world.goals.set({ threadId: THREAD, objective: 'x', status: 'paused' }, byUser());
    expect(goal.statusReason).toMatchObject({ code: 'user' });
  });

  it.each([
    ['status active', set({ status: 'active' })],
    ['status paused', set({ status: 'paused' })],
    ['status complete', set({ status: 'complete' })],
    ['objective and status complete', set({ objective: 'x', status: 'complete' })],
    ['objective and status blocked', set({ objective: 'x', status: 'blocked' })],
    ['objective and status usageLimited', set({ objective: 'x', status: 'usageLimited' })],
    ['objective and status budgetLimited', set({ objective: 'x', status: 'budgetLimited' })],
    ['a budget', set({ tokenBudget: BUDGET })],
    ['a set of nothing', set({})],
    ['a pause', ({ goals }: World) => goals.pause({ threadId: THREAD }, byUser())],
    ['a resume', ({ goals }: World) => goals.resume({ threadId: THREAD }, byUser())],
    [
      'a resume with more budget',
      ({ goals }: World) => goals.resume({ threadId: THREAD, addTokens: 5 }, byUser()),
    ],
  ] as const)('%s is refused', (_title, run) => {
    expect(codeOf(() => run(world))).toBe('invalid_transition');
    expect(world.goals.get(THREAD)).toBeNull();
    expect(world.events()).toEqual([]);
  });

  it('a clear answers that there was nothing to clear, and tells nothing', () => {
    world.told.length = 0;
    expect(world.goals.clear({ threadId: THREAD }, byUser())).toBe(false);
    expect(world.events()).toEqual([]);
    expect(world.told).toEqual([]);
  });
});

describe('what a client does to turn and thread', () => {
  const trigger = (what: 'interrupt' | 'archive' | 'delete'): boolean =>
    world.store.write((tx) => world.goals.triggerByUser(tx, THREAD, what, byUser().actor));

  it.each(['interrupt', 'archive'] as const)('%s pauses an active goal', (what) => {
    goalIn(world, THREAD, 'active');
    expect(trigger(what)).toBe(true);
    expect(world.goals.get(THREAD)).toMatchObject({
      status: 'paused',
      phase: null,
      statusReason: { code: what === 'interrupt' ? 'interrupt' : 'user' },
    });
  });

  it.each(
    GOAL_STATUSES.filter((status) => status !== 'active').flatMap((from) => [
      ['interrupt', from] as const,
      ['archive', from] as const,
    ]),
  )('%s leaves a goal that is %s as it is', (what, from) => {
    const before = goalIn(world, THREAD, from);
    const seq = world.store.headSeq;
    expect(trigger(what)).toBe(false);
    expect(world.goals.get(THREAD)).toEqual(before);
    expect(world.events(seq)).toEqual([]);
  });

  it.each(GOAL_STATUSES)('deleting the thread clears a goal that is %s', (from) => {
    const { goalId } = goalIn(world, THREAD, from);
    expect(trigger('delete')).toBe(true);
    expect(world.goals.get(THREAD)).toBeNull();
    expect(world.events().at(-1)).toMatchObject({ type: 'goal.cleared', threadId: THREAD, goalId });
  });

  it.each(['interrupt', 'archive', 'delete'] as const)(
    '%s of a thread without a goal does nothing',
    (what) => {
      world.thread(THREAD);
      expect(trigger(what)).toBe(false);
      expect(world.events()).toEqual([]);
    },
  );
});
