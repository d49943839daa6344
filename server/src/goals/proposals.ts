import {
  ProtocolError,
  type Goal,
  type ParamsOf,
  type Proposal,
  type goalProposalAccept,
  type goalProposalDecline,
} from '@goald/protocol';
import type { Actor, MutationContext } from '../store/mutation.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { ProposalRow } from '../store/repositories/proposals.js';
import type { Tx } from '../store/store.js';
import type { PeopleOptions } from './blockers.js';
import { definitionOf, toGoal } from './goal-record.js';
import { toProposal } from './people-records.js';
import { ACCEPTED_WORDS, declinedWords } from './people-words.js';
import { assertMayEdit } from './policy.js';

type AcceptParams = ParamsOf<typeof goalProposalAccept>;
type DeclineParams = ParamsOf<typeof goalProposalDecline>;

interface Decision {
  readonly decision: 'accepted' | 'declined';
  readonly reason: string | null;
  readonly actor: Actor;
}

/** What users do about objectives that agents propose. */
export class ProposalService {
  readonly #options: PeopleOptions;

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  /** Of the thread's goal, oldest first. Throws thread_not_found and goal_not_found. */
  list(threadId: string): Proposal[] {
    const { goals, repositories } = this.#options;
    return repositories.proposals.ofGoal(goals.expected({ threadId }).goal_id).map(toProposal);
  }

  /** The proposed objective becomes the goal's, as by a thread/goal/set of the user; requirements, constraints and verification stay. */
  accept(params: AcceptParams, context: MutationContext): Goal {
    assertMayEdit(params.origin);
    const { goals, repositories } = this.#options;
    return this.#decided(context, (tx) => {
      const { actor } = context;
      const row = goals.expected(params);
      const proposal = this.#pick(row, params.proposalId ?? null);
      this.#decide(tx, row, proposal, { decision: 'accepted', reason: null, actor });
      const { threadId } = params;
      // The text is the agent's: no section in it, and none left out of it, moves what the user said besides.
      const { requirements, constraints, verification } = definitionOf(row);
      const goal = goals.setIn(
        tx,
        {
          threadId,
          objective: proposal.objective,
          requirements: [...requirements],
          constraints,
          verification: [...verification],
        },
        actor,
      );
      const heardBy = { goal_id: goal.goalId, thread_id: threadId };
      repositories.inputs.add(heardBy, { text: ACCEPTED_WORDS, actor }, tx.nowMs);
      return goal;
    });
  }

  decline(params: DeclineParams, context: MutationContext): Goal {
    assertMayEdit(params.origin);
    const { goals, repositories } = this.#options;
    return this.#decided(context, (tx) => {
      const { actor } = context;
      const row = goals.expected(params);
      const proposal = this.#pick(row, params.proposalId ?? null);
      const reason = params.reason ?? null;
      this.#decide(tx, row, proposal, { decision: 'declined', reason, actor });
      const text = declinedWords(proposal.objective, reason);
      repositories.inputs.add(row, { text, actor }, tx.nowMs);
      return toGoal(goals.heardIn(tx, row));
    });
  }

  #decided(context: MutationContext, work: (tx: Tx) => Goal): Goal {
    const { mutations, failpoint } = this.#options;
    const goal = mutations.run(context, (tx) => {
      const after = work(tx);
      failpoint('proposal.deciding');
      return after;
    });
    failpoint('proposal.decided');
    return goal;
  }

  #decide(tx: Tx, row: GoalRow, proposal: ProposalRow, how: Decision): void {
    const { decision, reason, actor } = how;
    this.#options.repositories.proposals.update(proposal.id, {
      decision,
      reason,
      decided_at_ms: tx.nowMs,
    });
    tx.emit({
      type: 'proposal.decided',
      threadId: row.thread_id,
      goalId: row.goal_id,
      revision: row.revision,
      data: {
        proposalId: proposal.id,
        objective: proposal.objective,
        decision,
        reason,
        origin: actor,
      },
    });
  }

  #pick(row: GoalRow, proposalId: string | null): ProposalRow {
    const all = this.#options.repositories.proposals.ofGoal(row.goal_id);
    if (proposalId === null) {
      const newest = all.findLast(({ decision }) => decision === 'pending');
      if (newest !== undefined) return newest;
      throw new ProtocolError('proposal_not_found', 'No proposed objective waits for a decision.', {
        threadId: row.thread_id,
      });
    }
    const proposal = all.find(({ id }) => id === proposalId);
    if (proposal?.decision === 'pending') return proposal;
    throw proposal === undefined
      ? new ProtocolError(
          'proposal_not_found',
          `The goal of this thread has no proposal ${proposalId}: list its proposals.`,
          { proposalId },
        )
      : new ProtocolError('proposal_not_found', `That proposal is ${proposal.decision} already.`, {
          proposal: toProposal(proposal),
        });
  }
}
