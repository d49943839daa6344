import {
  decide,
  type GoalDecision,
  type GoalFacts,
  type GoalState,
  type GoalTrigger,
} from '@goald/server/goals/goal-state.js';
import { describe, expect, it } from 'vitest';

const COLUMNS = [
  'none',
  'active',
  'paused',
  'blocked',
  'usageLimited',
  'budgetLimited',
  'complete',
] as const satisfies readonly GoalState[];

type Outcome = (facts: GoalFacts) => Partial<GoalDecision>;

const refused: Outcome = () => ({ kind: 'refuse', code: 'invalid_transition' });
const unchanged: Outcome = () => ({ kind: 'same' });
const edited: Outcome = () => ({ kind: 'stay' });
const activated: Outcome = () => ({ kind: 'move', to: 'active', verified: false });
const paused: Outcome = () => ({ kind: 'move', to: 'paused', verified: false });
const created =
  (status: 'active' | 'paused', replaces: boolean): Outcome =>
  () => ({ kind: 'create', status, replaces });

/** The words of the design's table, and what each asks of the state machine. */
const MEANING = {
  '–': refused,
  '=': unchanged,
  'nothing happens': unchanged,
  charged: unchanged,
  'charged only': unchanged,
  'cleared: false': unchanged,
  'new, active': created('active', false),
  'new, paused': created('paused', false),
  'new goal': created('active', true),
  'edit, stays active, steers the turn': () => ({ kind: 'stay', steersTurn: true }),
  edit: edited,
  kept: edited,
  'kept, stays until resumed': edited,
  'budgetLimited if used ≥ budget': (facts) =>
    facts.headroom ? { kind: 'stay' } : { kind: 'move', to: 'budgetLimited', verified: false },
  active: activated,
  'edit, active': activated,
  'active, fresh blockers': () => ({ kind: 'move', to: 'active', freshBlockers: true }),
  'active if headroom, else budget_exhausted': (facts) =>
    facts.headroom ? activated(facts) : { kind: 'refuse', code: 'budget_exhausted' },
  'active if that was the reason': (facts) =>
    facts.answersReason ? activated(facts) : unchanged(facts),
  'reopened, active, same goal': activated,
  paused,
  'edit, paused': paused,
  'paused if restartPolicy is pause': (facts) =>
    facts.pauseOnRestart ? paused(facts) : unchanged(facts),
  blocked: () => ({ kind: 'move', to: 'blocked', verified: false }),
  usageLimited: () => ({ kind: 'move', to: 'usageLimited', verified: false }),
  budgetLimited: () => ({ kind: 'move', to: 'budgetLimited', verified: false }),
  'complete, not verified': () => ({ kind: 'move', to: 'complete', verified: false }),
  'complete, verified': () => ({ kind: 'move', to: 'complete', verified: true }),
  removed: () => ({ kind: 'remove' }),
} as const satisfies Record<string, Outcome>;
type Said = keyof typeof MEANING;

interface Row {
  readonly event: string;
  readonly trigger: GoalTrigger;
  /** none, active, paused, blocked, usageLimited, budgetLimited, complete. null: the design does not say. */
  readonly cells: readonly (Said | null)[];
}

const nothing = 'nothing happens';
const ROWS: readonly Row[] = [
  {
    event: 'a new objective',
    trigger: 'setObjective',
    cells: [
      'new, active',
      'edit, stays active, steers the turn',
      'edit',
      'edit',
      'edit',
      'edit',
      'new goal',
    ],
  },
  {
    event: 'status active, or a resume',
    trigger: 'activate',
    cells: [
      '–',
      '=',
      'active',
      'active, fresh blockers',
      'active',
      'active if headroom, else budget_exhausted',
      'reopened, active, same goal',
    ],
  },
  {
    event: 'a new objective with status active',
    trigger: 'setObjectiveActive',
    cells: [
      'new, active',
      'edit',
      'edit, active',
      'edit, active',
      'edit, active',
      'active if headroom, else budget_exhausted',
      'new goal',
    ],
  },
  {
    event: 'status paused, or a pause',
    trigger: 'pause',
    cells: ['–', 'paused', '=', 'paused', 'paused', 'paused', '–'],
  },
  {
    event: 'a new objective with status paused',
    trigger: 'setObjectivePaused',
    cells: [
      'new, paused',
      'edit, paused',
      'edit',
      'edit, paused',
      'edit, paused',
      'edit, paused',
      null,
    ],
  },
  {
    event: 'status complete',
    trigger: 'completeByUser',
    cells: [
      '–',
      'complete, not verified',
      'complete, not verified',
      'complete, not verified',
      'complete, not verified',
      'complete, not verified',
      '=',
    ],
  },
  {
    event: 'a new objective with status complete',
    trigger: 'setObjectiveComplete',
    cells: [
      '–',
      'complete, not verified',
      'complete, not verified',
      'complete, not verified',
      'complete, not verified',
      'complete, not verified',
      null,
    ],
  },
  {
    event: 'another budget',
    trigger: 'setBudget',
    cells: [
      '–',
      'budgetLimited if used ≥ budget',
      'kept',
      'kept',
      'kept',
      'kept, stays until resumed',
      'kept',
    ],
  },
  {
    event: 'a clear',
    trigger: 'clear',
    cells: ['cleared: false', 'removed', 'removed', 'removed', 'removed', 'removed', 'removed'],
  },
  {
    event: 'a status that only the daemon sets',
    trigger: 'setForbiddenStatus',
    cells: ['–', '–', '–', '–', '–', '–', '–'],
  },
  {
    event: 'a charge that reaches a budget',
    trigger: 'budgetReached',
    cells: [nothing, 'budgetLimited', 'charged', 'charged', 'charged', 'charged', 'charged'],
  },
  {
    event: "the provider's quota error",
    trigger: 'quotaError',
    cells: [nothing, 'usageLimited', nothing, nothing, nothing, nothing, nothing],
  },
  {
    event: 'the reset time of the quota',
    trigger: 'quotaReset',
    cells: [nothing, nothing, nothing, nothing, 'active', nothing, nothing],
  },
  {
    event: 'a blocker, no progress, a permanent error or an exhausted gate',
    trigger: 'stopped',
    cells: [nothing, 'blocked', nothing, nothing, nothing, nothing, nothing],
  },
  {
    event: 'a question or plan that needs a person',
    trigger: 'needsPerson',
    cells: [nothing, 'paused', nothing, nothing, nothing, nothing, nothing],
  },
  {
    event: 'an answer or plan approval',
    trigger: 'answered',
    cells: [
      nothing,
      '=',
      'active if that was the reason',
      'active if that was the reason',
      nothing,
      nothing,
      nothing,
    ],
  },
  {
    event: 'a passed gate',
    trigger: 'gatePassed',
    cells: [nothing, 'complete, verified', 'charged only', nothing, nothing, nothing, nothing],
  },
  {
    event: 'an interrupt by a client',
    trigger: 'interrupt',
    cells: [nothing, 'paused', '=', '=', '=', '=', '='],
  },
  {
    event: 'a stop or death of the daemon',
    trigger: 'daemonStopped',
    cells: [nothing, 'paused if restartPolicy is pause', '=', '=', '=', '=', '='],
  },
  {
    event: 'archiving its thread',
    trigger: 'archive',
    cells: [nothing, 'paused', nothing, nothing, nothing, nothing, nothing],
  },
  {
    event: 'deleting its thread',
    trigger: 'delete',
    cells: [nothing, 'removed', 'removed', 'removed', 'removed', 'removed', 'removed'],
  },
];

const YES_NO = [true, false] as const;
const ALL_FACTS: readonly GoalFacts[] = YES_NO.flatMap((headroom) =>
  YES_NO.flatMap((answersReason) =>
    YES_NO.map((pauseOnRestart) => ({ headroom, answersReason, pauseOnRestart })),
  ),
);

const CELLS = ROWS.flatMap(({ event, trigger, cells }) =>
  COLUMNS.flatMap((state, column) => {
    const said = cells[column];
    if (said == null) return [];
    const goal = state === 'none' ? 'without a goal' : `of a goal that is ${state}`;
    return [{ title: `${event} ${goal}: ${said}`, trigger, state, said }];
  }),
);

describe('the state of a goal', () => {
  it.each(CELLS)('$title', ({ trigger, state, said }) => {
    const outcome: Outcome = MEANING[said];
    for (const facts of ALL_FACTS) {
      expect(decide(state, trigger, facts), JSON.stringify(facts)).toMatchObject(outcome(facts));
    }
  });

  it('every row has all seven columns', () => {
    for (const row of ROWS) expect(row.cells, row.event).toHaveLength(COLUMNS.length);
  });

  it('no trigger is without a row', () => {
    const rows: Record<GoalTrigger, number> = {
      setObjective: 0,
      setObjectiveActive: 0,
      setObjectivePaused: 0,
      setObjectiveComplete: 0,
      activate: 0,
      pause: 0,
      completeByUser: 0,
      setBudget: 0,
      clear: 0,
      setForbiddenStatus: 0,
      interrupt: 0,
      answered: 0,
      archive: 0,
      delete: 0,
      budgetReached: 0,
      quotaError: 0,
      quotaReset: 0,
      stopped: 0,
      needsPerson: 0,
      gatePassed: 0,
      daemonStopped: 0,
    };
    for (const { trigger } of ROWS) rows[trigger] += 1;
    expect(Object.values(rows).every((count) => count === 1)).toBe(true);
  });

  it('only a passed gate makes a goal verified', () => {
    const verifying = ROWS.filter(({ trigger }) =>
      COLUMNS.some((state) =>
        ALL_FACTS.some((facts) => {
          const decision = decide(state, trigger, facts);
          return decision.kind === 'move' && decision.verified;
        }),
      ),
    );
    expect(verifying.map(({ trigger }) => trigger)).toEqual(['gatePassed']);
  });

  it('only a user, an answer or a quota reset makes a goal active again', () => {
    const activating = ROWS.filter(({ trigger }) =>
      COLUMNS.some((state) =>
        ALL_FACTS.some((facts) => {
          const decision = decide(state, trigger, facts);
          return decision.kind === 'move' && decision.to === 'active';
        }),
      ),
    );
    expect(activating.map(({ trigger }) => trigger)).toEqual([
      'activate',
      'setObjectiveActive',
      'quotaReset',
      'answered',
    ]);
  });
});
