import {
  ProtocolError,
  type ParamsOf,
  type Turn,
  type turnInterrupt,
  type turnStart,
  type turnSteer,
} from '@goald/protocol';
import type { GoalService } from '../goals/goal-service.js';
import { stopAsking } from '../goals/pending-approvals.js';
import { assertMayEdit } from '../goals/policy.js';
import type { MutationContext, Mutations } from '../store/mutation.js';
import type { Repositories } from '../store/repositories/index.js';
import type { ThreadRow } from '../store/repositories/threads.js';
import type { Tx } from '../store/store.js';
import { storedTier } from '../goals/price.js';
import { settingOfPolicy } from '../threads/sandbox-setting.js';
import { toTurn } from '../threads/thread-record.js';
import type { ActiveTurn } from './active-turn.js';
import type { Confinements } from './confinement/confinements.js';
import type { RunningTurns } from './running-turns.js';
import type { SaidByUser, TurnClaim } from './turn-claim.js';

export interface TurnServiceOptions {
  readonly repositories: Repositories;
  readonly mutations: Mutations;
  readonly goals: GoalService;
  readonly claim: TurnClaim;
  readonly running: RunningTurns;
  readonly confinements: Confinements;
  readonly start: (turn: ActiveTurn) => void;
}

type StartParams = ParamsOf<typeof turnStart>;
type SteerParams = ParamsOf<typeof turnSteer>;
type InterruptParams = ParamsOf<typeof turnInterrupt>;

/** What clients can do to turns. */
export class TurnService {
  readonly #options: TurnServiceOptions;

  constructor(options: TurnServiceOptions) {
    this.#options = options;
  }

  /** Starts a turn with what the user says, or adds it to the turn in flight. */
  async start(params: StartParams, context: MutationContext): Promise<Turn> {
    if (params.goalMode === true) assertMayEdit(params.origin);
    // A turn that is being stopped takes no more input; this is for the one after it.
    await this.#options.running.stopped(params.threadId);
    return this.#options.mutations.run(context, (tx) => {
      const { repositories, goals } = this.#options;
      const thread = this.#thread(params.threadId);
      this.#confine(thread, params);
      if (params.model != null) {
        repositories.threads.update(params.threadId, { model: params.model });
      }
      if (params.approvalPolicy != null) {
        const approval_policy = params.approvalPolicy;
        repositories.threads.update(params.threadId, { approval_policy });
      }
      if (params.serviceTier !== undefined) {
        const service_tier = storedTier(params.serviceTier);
        repositories.threads.update(params.threadId, { service_tier });
      }
      if (params.goalMode === true) {
        const objective = params.input.map((part) => part.text).join('\n');
        goals.setIn(tx, { threadId: params.threadId, objective }, context.actor);
      }
      const said: SaidByUser = {
        content: params.input,
        clientId: params.clientUserMessageId ?? null,
        actor: context.actor,
      };
      const turnId = this.#say(tx, params.threadId, said);
      return this.#view(turnId);
    });
  }

  /** Adds to the turn in flight. Throws turn_not_found and turn_not_steerable. */
  steer(params: SteerParams, context: MutationContext): string {
    return this.#options.mutations.run(context, (tx) => {
      const { claim, running, repositories } = this.#options;
      this.#thread(params.threadId);
      const row = repositories.turns.find(params.expectedTurnId);
      if (row?.thread_id !== params.threadId) throw turnNotFound(params.expectedTurnId);
      const turn = running.get(params.threadId);
      if (
        turn?.turnId !== params.expectedTurnId ||
        row.status !== 'inProgress' ||
        turn.signal.aborted
      ) {
        throw new ProtocolError(
          'turn_not_steerable',
          'That turn is over: start a new one to go on.',
          { turnId: params.expectedTurnId, status: row.status },
        );
      }
      claim.say(tx, turn, {
        content: params.input,
        clientId: params.clientUserMessageId ?? null,
        actor: context.actor,
      });
      return turn.turnId;
    });
  }

  /** Stops the turn in flight and pauses the goal. A turn that is over already is no error. */
  interrupt(params: InterruptParams, context: MutationContext): void {
    this.#options.mutations.run(context, (tx) => {
      const { repositories, running, goals } = this.#options;
      this.#thread(params.threadId);
      const row = repositories.turns.find(params.turnId);
      if (row?.thread_id !== params.threadId) throw turnNotFound(params.turnId);
      goals.triggerByUser(tx, params.threadId, 'interrupt', context.actor);
      stopAsking(tx, repositories.approvals, params.threadId, context.actor);
      const turn = running.get(params.threadId);
      if (turn?.turnId === params.turnId) {
        tx.onCommit(() => {
          turn.stop('interrupt', context.actor);
        });
      }
      return {};
    });
  }

  /** Stores what the turn asks of its sandbox. Throws sandbox_unavailable, also for what was stored when it could be enforced. */
  #confine(thread: ThreadRow, { sandboxPolicy }: StartParams): void {
    const { repositories, confinements } = this.#options;
    if (sandboxPolicy != null) {
      const setting = settingOfPolicy(sandboxPolicy);
      if (setting === null) throw externalError();
      confinements.assertEnforceable(setting.mode, thread.cwd);
      repositories.threads.update(thread.id, { sandbox_json: JSON.stringify(setting) });
    }
    confinements.of(thread.id, null);
  }

  #say(tx: Tx, threadId: string, said: SaidByUser): string {
    const { claim, running, start, repositories } = this.#options;
    const inFlight = running.get(threadId);
    const open = repositories.turns.inProgress(threadId);
    if (open !== undefined) {
      if (inFlight?.turnId !== open.id || inFlight.signal.aborted) {
        throw new ProtocolError(
          'turn_not_steerable',
          'The last turn is being stopped: try again in a moment.',
          { turnId: open.id },
        );
      }
      claim.say(tx, inFlight, said);
      return open.id;
    }
    const turn = claim.claimForUser(tx, threadId, said);
    tx.onCommit(() => {
      start(turn);
    });
    return turn.turnId;
  }

  #thread(threadId: string): ThreadRow {
    const row = this.#options.repositories.threads.find(threadId);
    if (row !== undefined) return row;
    throw new ProtocolError('thread_not_found', `There is no thread ${threadId}.`, { threadId });
  }

  #view(turnId: string): Turn {
    const row = this.#options.repositories.turns.find(turnId);
    if (row === undefined) throw new Error(`Turn ${turnId} is gone.`);
    return toTurn(row, [], 'notLoaded');
  }
}

function externalError(): ProtocolError {
  return new ProtocolError(
    'sandbox_unavailable',
    'goald cannot see whether something outside confines it: ask for danger-full-access where a container does.',
    { sandbox: 'externalSandbox' },
  );
}

function turnNotFound(turnId: string): ProtocolError {
  return new ProtocolError('turn_not_found', `This thread has no turn ${turnId}.`, { turnId });
}
