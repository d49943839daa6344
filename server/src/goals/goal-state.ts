import type { GoalStatus } from '@goald/protocol';

/** A goal's status, or that there is none. */
export type GoalState = GoalStatus | 'none';

/** Everything that can happen to a goal, by whom it is caused. */
export const GOAL_TRIGGERS = [
  // a user, through a client
  'setObjective',
  'setObjectiveActive',
  'setObjectivePaused',
  'setObjectiveComplete',
  'activate',
  'pause',
  'completeByUser',
  'setBudget',
  'clear',
  'setForbiddenStatus',
  'interrupt',
  'answered',
  'archive',
  'delete',
  // the runtime
  'budgetReached',
  'quotaError',
  'quotaReset',
  'stopped',
  'needsPerson',
  'gatePassed',
  'daemonStopped',
] as const;
export type GoalTrigger = (typeof GOAL_TRIGGERS)[number];

/** What the table cannot know by itself. */
export interface GoalFacts {
  /** No budget of the goal is used up, after the change at hand. */
  readonly headroom: boolean;
  /** The pending question or plan approval is the reason why the goal stands. */
  readonly answersReason: boolean;
  /** restartPolicy is `pause`. */
  readonly pauseOnRestart: boolean;
}

export type GoalDecision =
  /** Not allowed: answered as the error code. */
  | { readonly kind: 'refuse'; readonly code: 'invalid_transition' | 'budget_exhausted' }
  /** Accepted, nothing changes, no event. */
  | { readonly kind: 'same' }
  /** The definition may change, the status stays. */
  | { readonly kind: 'stay'; readonly steersTurn: boolean }
  /** A new goal; `replaces` when the complete one makes room for it. */
  | { readonly kind: 'create'; readonly status: 'active' | 'paused'; readonly replaces: boolean }
  | {
      readonly kind: 'move';
      readonly to: GoalStatus;
      readonly verified: boolean;
      readonly freshBlockers: boolean;
    }
  | { readonly kind: 'remove' };

type Cell = (facts: GoalFacts) => GoalDecision;

const move =
  (to: GoalStatus, extra: { verified?: boolean; freshBlockers?: boolean } = {}): Cell =>
  () => ({
    kind: 'move',
    to,
    verified: extra.verified ?? false,
    freshBlockers: extra.freshBlockers ?? false,
  });
const create =
  (status: 'active' | 'paused', replaces = false): Cell =>
  () => ({ kind: 'create', status, replaces });
const refuse: Cell = () => ({ kind: 'refuse', code: 'invalid_transition' });
const same: Cell = () => ({ kind: 'same' });
const stay: Cell = () => ({ kind: 'stay', steersTurn: false });
const steer: Cell = () => ({ kind: 'stay', steersTurn: true });
const remove: Cell = () => ({ kind: 'remove' });
const ifHeadroom =
  (cell: Cell): Cell =>
  (facts) =>
    facts.headroom ? cell(facts) : { kind: 'refuse', code: 'budget_exhausted' };
const unlessExhausted: Cell = (facts) =>
  facts.headroom ? steer(facts) : move('budgetLimited')(facts);
const ifAnswered: Cell = (facts) => (facts.answersReason ? move('active')(facts) : same(facts));
const ifPausing: Cell = (facts) => (facts.pauseOnRestart ? move('paused')(facts) : same(facts));

type Row = Readonly<Record<GoalState, Cell>>;
const row = (
  none: Cell,
  active: Cell,
  paused: Cell,
  blocked: Cell,
  usageLimited: Cell,
  budgetLimited: Cell,
  complete: Cell,
): Row => ({ none, active, paused, blocked, usageLimited, budgetLimited, complete });

// A question may be open in any status: whoever resumes a goal that was paused while it was blocked deals with it, too.
const resume = move('active', { freshBlockers: true });
const done = move('complete');

/** The whole state machine. Columns: none, active, paused, blocked, usageLimited, budgetLimited, complete. */
const TABLE: Readonly<Record<GoalTrigger, Row>> = {
  setObjective: row(create('active'), steer, stay, stay, stay, stay, create('active', true)),
  setObjectiveActive: row(
    create('active'),
    steer,
    resume,
    resume,
    resume,
    ifHeadroom(resume),
    create('active', true),
  ),
  setObjectivePaused: row(
    create('paused'),
    move('paused'),
    stay,
    move('paused'),
    move('paused'),
    move('paused'),
    create('paused', true),
  ),
  setObjectiveComplete: row(refuse, done, done, done, done, done, refuse),
  activate: row(refuse, same, resume, resume, resume, ifHeadroom(resume), resume),
  pause: row(refuse, move('paused'), same, move('paused'), move('paused'), move('paused'), refuse),
  completeByUser: row(refuse, done, done, done, done, done, same),
  setBudget: row(refuse, unlessExhausted, stay, stay, stay, stay, stay),
  clear: row(same, remove, remove, remove, remove, remove, remove),
  setForbiddenStatus: row(refuse, refuse, refuse, refuse, refuse, refuse, refuse),
  interrupt: row(same, move('paused'), same, same, same, same, same),
  answered: row(same, same, ifAnswered, ifAnswered, same, same, same),
  archive: row(same, move('paused'), same, same, same, same, same),
  delete: row(same, remove, remove, remove, remove, remove, remove),

  budgetReached: row(same, move('budgetLimited'), same, same, same, same, same),
  quotaError: row(same, move('usageLimited'), same, same, same, same, same),
  quotaReset: row(same, same, same, same, resume, same, same),
  stopped: row(same, move('blocked'), same, same, same, same, same),
  needsPerson: row(same, move('paused'), same, same, same, same, same),
  gatePassed: row(same, move('complete', { verified: true }), same, same, same, same, same),
  daemonStopped: row(same, ifPausing, same, same, same, same, same),
};

/** What a trigger does to a goal in a state. Pure. */
export function decide(state: GoalState, trigger: GoalTrigger, facts: GoalFacts): GoalDecision {
  return TABLE[trigger][state](facts);
}
