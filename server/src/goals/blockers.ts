import {
  ProtocolError,
  type Blocker,
  type Goal,
  type ParamsOf,
  type goalBlockerResolve,
} from '@goald/protocol';
import type { MutationContext, Mutations } from '../store/mutation.js';
import type { BlockerRow } from '../store/repositories/blockers.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Repositories } from '../store/repositories/index.js';
import { toGoal } from './goal-record.js';
import type { GoalService } from './goal-service.js';
import { toBlocker } from './people-records.js';
import { resolvedWords } from './people-words.js';
import { assertMayEdit } from './policy.js';
import { sign } from './progress.js';
import { resolveBlocker } from './resolve-blocker.js';

export interface PeopleOptions {
  readonly repositories: Repositories;
  readonly mutations: Mutations;
  readonly goals: GoalService;
  /** Named places between two steps. */
  readonly failpoint: (name: string) => void;
}

type ResolveParams = ParamsOf<typeof goalBlockerResolve>;

/** What users do about what stands in the way of their goals. */
export class BlockerService {
  readonly #options: PeopleOptions;

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  /** Of the thread's goal, oldest first. Throws thread_not_found and goal_not_found. */
  list(threadId: string): Blocker[] {
    const { goals, repositories } = this.#options;
    return repositories.blockers.ofGoal(goals.expected({ threadId }).goal_id).map(toBlocker);
  }

  /** Of several who answer at once the first one does; the others get blocker_not_found with the answer that counts. */
  resolve(params: ResolveParams, context: MutationContext): Goal {
    assertMayEdit(params.origin);
    const { mutations, repositories, goals, failpoint } = this.#options;
    const goal = mutations.run(context, (tx) => {
      const row = goals.expected(params);
      const blocker = this.#pick(row, params.blockerId ?? null);
      const answer = params.answer ?? null;
      const { actor } = context;
      const frees = standsBecauseOf(row, blocker);
      resolveBlocker(tx, repositories.blockers, row, blocker, {
        resolution: 'answered',
        answer,
        actor,
      });
      repositories.inputs.add(row, { text: resolvedWords(blocker, answer), actor }, tx.nowMs);
      repositories.notes.addSign(row.goal_id, sign.answer(blocker.id), null, tx.nowMs);
      const after = goals.answeredIn(tx, row, frees, actor);
      failpoint('blocker.resolving');
      return toGoal(after);
    });
    failpoint('blocker.resolved');
    return goal;
  }

  #pick(row: GoalRow, blockerId: string | null): BlockerRow {
    const { blockers } = this.#options.repositories;
    if (blockerId === null) {
      const open = blockers.open(row.goal_id).toSorted((a, b) => weight(a) - weight(b));
      const newest = open.at(-1);
      if (newest !== undefined) return newest;
      throw new ProtocolError('blocker_not_found', 'Nothing open stands in the way of this goal.', {
        threadId: row.thread_id,
      });
    }
    const blocker = blockers.ofGoal(row.goal_id).find(({ id }) => id === blockerId);
    if (blocker?.resolved === 0) return blocker;
    throw blocker === undefined
      ? new ProtocolError(
          'blocker_not_found',
          `The goal of this thread has no blocker ${blockerId}: list its blockers.`,
          { blockerId },
        )
      : new ProtocolError(
          'blocker_not_found',
          blocker.answer === null
            ? 'That blocker is resolved already.'
            : `That blocker is answered already: ${blocker.answer}`,
          { blocker: toBlocker(blocker) },
        );
  }
}

/** What stops the goal weighs more than a finding, a question more than none. */
function weight({ severity, question }: BlockerRow): number {
  return (severity === 'blocking' ? 2 : 0) + (question === null ? 0 : 1);
}

/** Whether the goal stands because of this blocker: only then its answer sets the goal going. */
function standsBecauseOf(row: GoalRow, blocker: BlockerRow): boolean {
  const reason = row.status_reason_json === null ? null : toGoal(row).statusReason;
  const waits = reason?.code === 'blocker' || reason?.code === 'needsInput';
  return waits && blocker.severity === 'blocking';
}
