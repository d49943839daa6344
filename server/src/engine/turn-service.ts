import {
  ProtocolError,
  textOf,
  type Origin,
  type ParamsOf,
  type ReviewTarget,
  type ServiceTier,
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
import { isPlanning, modeChange } from '../threads/collaboration.js';
import { tellSettings, type SettingsNews } from '../threads/settings-news.js';
import { askedSetting } from '../threads/sandbox-setting.js';
import { toTurn } from '../threads/thread-record.js';
import type { ActiveTurn, TurnTask } from './active-turn.js';
import type { BackgroundProcesses } from './background-processes.js';
import type { Confinements } from './confinement/confinements.js';
import type { Images, ReadInput } from './ports/images.js';
import type { RunningTurns } from './running-turns.js';
import { reviewPrompt } from './review-prompt.js';
import type { SaidByUser, TurnClaim } from './turn-claim.js';
import type { UserCommand } from './user-shell.js';

export interface TurnServiceOptions {
  readonly repositories: Repositories;
  readonly mutations: Mutations;
  readonly goals: GoalService;
  readonly claim: TurnClaim;
  readonly running: RunningTurns;
  readonly confinements: Confinements;
  readonly images: Images;
  readonly start: (turn: ActiveTurn) => void;
  /** Runs a command of the user beside what the turn does. */
  readonly runBeside: (turn: ActiveTurn, command: UserCommand) => void;
  readonly processes: Pick<BackgroundProcesses, 'kill' | 'endThread'>;
}

type StartParams = ParamsOf<typeof turnStart>;
type SteerParams = ParamsOf<typeof turnSteer>;
type InterruptParams = ParamsOf<typeof turnInterrupt>;

interface OnThread {
  readonly threadId: string;
  readonly origin?: Origin | null | undefined;
}

const USER_COMMAND_MS = 3_600_000;

/** What clients can do to turns. */
export class TurnService {
  readonly #options: TurnServiceOptions;

  constructor(options: TurnServiceOptions) {
    this.#options = options;
  }

  /** Starts a turn with what the user says, or adds it to the turn in flight. `announce` makes what its clients are told of settings that change. */
  async start(
    params: StartParams,
    context: MutationContext,
    announce?: (row: ThreadRow) => SettingsNews,
  ): Promise<Turn> {
    const loosens =
      params.sandboxPolicy != null || params.permissions != null || params.approvalPolicy != null;
    if (params.goalMode === true || loosens) assertMayEdit(params.origin);
    const read = await this.#read(params, context);
    // A turn that is being stopped takes no more input; this is for the one after it.
    await this.#options.running.stopped(params.threadId);
    return this.#options.mutations.run(context, (tx) => {
      const { repositories, goals } = this.#options;
      const thread = this.#thread(params.threadId);
      this.#confine(thread, params);
      repositories.threads.update(params.threadId, {
        ...(params.model == null ? {} : { model: params.model }),
        ...(params.approvalPolicy == null ? {} : { approval_policy: params.approvalPolicy }),
        ...(params.serviceTier === undefined
          ? {}
          : { service_tier: storedTier(params.serviceTier) }),
        ...modeChange(params.collaborationMode),
      });
      const after = this.#thread(params.threadId);
      if (announce !== undefined) tellSettings(tx, thread, after, announce);
      if (!isPlanning(after)) goals.endPlanningIn(tx, params.threadId);
      if (params.goalMode === true) {
        const objective = textOf(params.input);
        goals.setIn(tx, { threadId: params.threadId, objective }, context.actor);
      }
      const said: SaidByUser = {
        ...read,
        clientId: params.clientUserMessageId ?? null,
        actor: context.actor,
      };
      const turnId = this.#say(tx, params.threadId, said);
      return this.#view(turnId);
    });
  }

  /** Compacts the history: before the next request of the turn in flight, or in a turn of its own. */
  compact(params: OnThread, context: MutationContext): void {
    assertMayEdit(params.origin);
    this.#options.mutations.run(context, (tx) => {
      this.#thread(params.threadId);
      const turn = this.#inFlight(params.threadId);
      if (turn !== null) {
        tx.onCommit(() => {
          turn.wantsCompaction = true;
        });
        return {};
      }
      this.#startTask(tx, params.threadId, { kind: 'compact' }, context);
      return {};
    });
  }

  /** Runs a command of the user: beside the turn in flight, or in a turn of its own. */
  shellCommand(
    params: OnThread & { readonly command: string; readonly timeoutMs?: number | null | undefined },
    context: MutationContext,
  ): void {
    assertMayEdit(params.origin);
    const timeoutMs = params.timeoutMs ?? USER_COMMAND_MS;
    this.#options.mutations.run(context, (tx) => {
      this.#thread(params.threadId);
      const turn = this.#inFlight(params.threadId);
      if (turn !== null) {
        tx.onCommit(() => {
          this.#options.runBeside(turn, { command: params.command, timeoutMs });
        });
        return {};
      }
      const task = { kind: 'shell' as const, command: params.command, timeoutMs };
      this.#startTask(tx, params.threadId, task, context);
      return {};
    });
  }

  /** Asks the agent for a review: a turn like any other, whose input is ours. */
  review(
    { threadId, target, origin }: OnThread & { readonly target: ReviewTarget },
    context: MutationContext,
  ): Promise<Turn> {
    assertMayEdit(origin);
    const text = reviewPrompt(target);
    return this.start({ threadId, input: [{ type: 'text', text, text_elements: [] }] }, context);
  }

  /** Ends all background commands of a thread. */
  async endProcesses({ threadId, origin }: OnThread, context: MutationContext): Promise<void> {
    assertMayEdit(origin);
    this.#options.mutations.run(context, () => {
      this.#thread(threadId);
      return {};
    });
    await this.#options.processes.endThread(threadId);
  }

  /** Ends one, by the number that the model calls it by. False when it does not run. */
  async endProcess(
    { threadId, origin, processId }: OnThread & { readonly processId: string },
    context: MutationContext,
  ): Promise<boolean> {
    assertMayEdit(origin);
    const { repositories, processes, mutations } = this.#options;
    const { id } = mutations.run(context, () => {
      this.#thread(threadId);
      const open = repositories.processes.openOfThread(threadId);
      return { id: open.find(({ number }) => String(number) === processId)?.id ?? null };
    });
    if (id !== null) await processes.kill(id);
    return id !== null;
  }

  /** From the next request on. False when that turn is not in flight. */
  setModel(
    params: {
      readonly threadId: string;
      readonly turnId: string;
      readonly model?: string | null | undefined;
      readonly serviceTier?: ServiceTier | null | undefined;
    },
    context: MutationContext,
  ): boolean {
    return this.#options.mutations.run(context, () => {
      const { running, repositories } = this.#options;
      this.#thread(params.threadId);
      const turn = running.get(params.threadId);
      if (turn?.turnId !== params.turnId || turn.signal.aborted) return false;
      repositories.threads.update(params.threadId, {
        ...(params.model == null ? {} : { model: params.model }),
        ...(params.serviceTier === undefined
          ? {}
          : { service_tier: storedTier(params.serviceTier) }),
      });
      return true;
    });
  }

  /** Adds to the turn in flight. Throws turn_not_found and turn_not_steerable. */
  async steer(params: SteerParams, context: MutationContext): Promise<string> {
    const read = await this.#read(params, context);
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
        ...read,
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

  /** The turn that takes more input now. */
  #inFlight(threadId: string): ActiveTurn | null {
    const turn = this.#options.running.get(threadId);
    return turn === undefined || turn.signal.aborted ? null : turn;
  }

  /** What was said, with its images. A repeat does nothing: its files may be gone by now. */
  async #read(
    { threadId, input }: Pick<StartParams, 'threadId' | 'input'>,
    context: MutationContext,
  ): Promise<ReadInput> {
    const { images, mutations } = this.#options;
    const { cwd } = this.#thread(threadId);
    if (input.every((part) => part.type === 'text') || mutations.wasRun(context)) {
      return { content: input, images: [] };
    }
    return images.read(input, { threadId, cwd });
  }

  /** Stores what the turn asks of its sandbox. Throws sandbox_unavailable, also for what was stored when it could be enforced. */
  #confine(thread: ThreadRow, { sandboxPolicy, permissions }: StartParams): void {
    const { repositories, confinements } = this.#options;
    const setting = askedSetting({ sandboxPolicy, permissions });
    if (setting !== null) {
      confinements.assertEnforceable(setting.mode, thread.cwd);
      repositories.threads.update(thread.id, { sandbox_json: JSON.stringify(setting) });
    }
    confinements.of(thread.id, null);
  }

  #startTask(tx: Tx, threadId: string, task: TurnTask, { actor }: MutationContext): void {
    const { claim, repositories, start } = this.#options;
    const open = repositories.turns.inProgress(threadId);
    if (open !== undefined) {
      throw new ProtocolError(
        'turn_not_steerable',
        'A turn is in flight: wait until it is over, or interrupt it.',
        { turnId: open.id },
      );
    }
    const turn = claim.claimForTask(tx, threadId, task, actor);
    tx.onCommit(() => {
      start(turn);
    });
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

function turnNotFound(turnId: string): ProtocolError {
  return new ProtocolError('turn_not_found', `This thread has no turn ${turnId}.`, { turnId });
}
