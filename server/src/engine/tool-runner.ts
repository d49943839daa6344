import { notifications, ProtocolError, type Config, type ThreadItem } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { Outbox } from '../events/outbox.js';
import { isAccepted } from '../goals/pending-approvals.js';
import { outgoing } from '../store/outgoing.js';
import type { ApprovalRow } from '../store/repositories/approvals.js';
import type { Tx } from '../store/store.js';
import type { ActiveTurn } from './active-turn.js';
import {
  declinedText,
  MOVED_AWAY,
  NOT_AGAIN,
  NOT_BEGUN,
  RAN_AGAIN,
  WITHDRAWN,
} from './approvals/approval-text.js';
import type { Approvals } from './approvals/approvals.js';
import type { Leave, NextCall, Permission } from './approvals/permission.js';
import type { Confinements } from './confinement/confinements.js';
import { finishedToolItem, toolItem } from './item-view.js';
import type { PathGuard } from './guard/path-guard.js';
import type { PlanLeave } from './planning/plan-leave.js';
import type { BackgroundControl } from './ports/background.js';
import type { Clock } from './ports/clock.js';
import { unconfined, type Confinement } from './ports/confinement.js';
import type { Failpoints } from './ports/failpoints.js';
import type { HistoryEntry } from './ports/model.js';
import type { GoalControl, PreparedCall, ToolCall, ToolResult } from './ports/tools.js';
import type { TreeWatch } from './tree-watch.js';
import { wordsOfCall } from './tried.js';
import type { TurnStore } from './turn-store.js';

export interface ToolRunnerOptions {
  readonly store: TurnStore;
  readonly outbox: Outbox;
  readonly trees: TreeWatch;
  readonly guard: PathGuard;
  readonly confinements: Confinements;
  readonly permission: Permission;
  readonly approvals: Approvals;
  readonly planLeave: PlanLeave;
  readonly goalControl: (turn: ActiveTurn, itemId: string) => GoalControl;
  readonly background: (turn: ActiveTurn, itemId: string) => BackgroundControl;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly failpoint: Failpoints;
}

/** A call that stands in the store without an output. */
export interface OpenCall {
  readonly prepared: PreparedCall;
  readonly item: ThreadItem;
  readonly requestId: string;
}

export interface ToolRound {
  /** No further request may follow. */
  readonly endsTurn: boolean;
  /** The model made the same call too often. */
  readonly stuck: boolean;
}

const AFTER_BARRIER = 'Not run: completion was proposed.';
const INTERRUPTED =
  'Interrupted: the turn was stopped while this ran. What it had done until then stays.';

/** Runs the tool calls of one response: read-only neighbours in parallel, the others in order. */
export class ToolRunner {
  readonly #options: ToolRunnerOptions;

  constructor(options: ToolRunnerOptions) {
    this.#options = options;
  }

  /** Stores the calls of a response, all in one place, before any of them runs. */
  open(tx: Tx, turn: ActiveTurn, requestId: string, calls: readonly ToolCall[]): OpenCall[] {
    return calls.map((call) => this.#open(tx, turn, call, { responseId: requestId, requestId }));
  }

  #open(
    tx: Tx,
    turn: ActiveTurn,
    call: ToolCall,
    of: { responseId: string; requestId: string | null },
  ): OpenCall {
    const { store, config } = this.#options;
    const { goals, goalTools } = config().features;
    const prepared = turn.tools.prepare(call, { cwd: turn.cwd, goalTools: goals && goalTools });
    const item = toolItem(uuid(), prepared.display);
    const { responseId, requestId } = of;
    store.openItem(tx, turn, { wire: item, history: [entryOf(call, responseId)], requestId });
    return { prepared, item, requestId: responseId };
  }

  /**
   * Runs what people allowed since the turn that asked for it ended, exactly as it was asked, and tells the model what they did not allow.
   * Throws the turn's stop reason.
   */
  async runApproved(turn: ActiveTurn): Promise<void> {
    const { approvals } = this.#options.store.repositories;
    for (const row of approvals.unsettled(turn.threadId)) {
      const isOurs = row.goal_id === null || row.goal_id === turn.goalId;
      if (row.decision === null || !isOurs) continue;
      turn.signal.throwIfAborted();
      const call = this.#reopen(turn, row);
      if (call !== null) await this.#run(turn, call, row.unsandboxed === 1);
    }
    turn.signal.throwIfAborted();
  }

  /** Puts a call on record again. Answers it when it is to run now, and its approval is used up with that. */
  #reopen(turn: ActiveTurn, row: ApprovalRow): OpenCall | null {
    const { store } = this.#options;
    const asked = JSON.parse(row.call_json) as ToolCall;
    const toolCall = { ...asked, callId: `approved_${row.id}` };
    return store.write(turn, (tx) => {
      const call = this.#open(tx, turn, toolCall, { responseId: row.id, requestId: null });
      const why = isAccepted(row.decision)
        ? folderOf(call, turn) === row.cwd
          ? null
          : MOVED_AWAY
        : row.decision === 'withdrawn'
          ? WITHDRAWN
          : declinedText(row.decision_reason);
      const begins = why === null && this.#options.approvals.begin(turn, row.id);
      store.tellStarted(tx, turn, call.item);
      if (begins) return call;
      this.decline(tx, turn, [call], why ?? NOT_BEGUN);
      store.repositories.approvals.settle(row.id);
      return null;
    });
  }

  /** Answers calls without running them. */
  decline(tx: Tx, turn: ActiveTurn, calls: readonly OpenCall[], why: string): void {
    for (const call of calls) {
      this.#complete(
        tx,
        turn,
        call,
        { output: why, success: false },
        { durationMs: 0, ran: false },
      );
    }
  }

  /** Throws the turn's stop reason, with every call answered. */
  async run(turn: ActiveTurn, calls: readonly OpenCall[]): Promise<ToolRound> {
    let round: ToolRound = { endsTurn: false, stuck: false };
    let rest = calls;
    while (rest.length > 0) {
      const group = nextGroup(rest);
      rest = rest.slice(group.length);
      const rounds = await Promise.all(group.map((call) => this.#runOne(turn, call)));
      round = {
        endsTurn: round.endsTurn || rounds.some((one) => one.endsTurn),
        stuck: round.stuck || rounds.some((one) => one.stuck),
      };
      if (turn.signal.aborted) {
        await this.#declineRest(turn, rest, INTERRUPTED);
        turn.signal.throwIfAborted();
      }
      const barrier = group.some((call) => call.prepared.barrier);
      if (barrier || round.endsTurn || round.stuck) {
        await this.#declineRest(turn, rest, barrier ? AFTER_BARRIER : 'Not run: the turn ended.');
        break;
      }
    }
    return round;
  }

  async #declineRest(turn: ActiveTurn, rest: readonly OpenCall[], why: string): Promise<void> {
    if (rest.length === 0) return;
    await this.#options.store.writeWhenPossible(turn, (tx) => {
      this.decline(tx, turn, rest, why);
    });
  }

  async #runOne(turn: ActiveTurn, opened: OpenCall): Promise<ToolRound> {
    const { store, failpoint, permission } = this.#options;
    const call = opened.prepared.preview === undefined ? opened : await withPreview(opened);
    store.write(turn, (tx) => {
      if (call !== opened) store.saveItem(call.item);
      store.tellStarted(tx, turn, call.item);
    });
    failpoint('tool.started');
    const leave =
      (await this.#planRefusal(turn, call)) ?? (await permission.of(turn, this.#next(turn, call)));
    const why = this.#refusal(turn, leave);
    if (why === null) return this.#run(turn, call, leave.kind === 'run' && leave.unsandboxed);
    await store.writeWhenPossible(turn, (tx) => {
      this.decline(tx, turn, [call], why);
      // What was allowed as the daemon stopped is for the next one to run.
      const isOver = leave.kind === 'refused' || (leave.kind === 'run' && !turn.isShutDown);
      if (isOver) store.repositories.approvals.settle(leave.approvalId);
    });
    return { endsTurn: leave.kind === 'parked', stuck: false };
  }

  #next(turn: ActiveTurn, { prepared, item, requestId }: OpenCall): NextCall {
    const { call, display } = prepared;
    return { call, display, itemId: item.id, requestId, confinement: this.#confinement(turn) };
  }

  /** What a turn that plans does not do, whoever would let it. */
  async #planRefusal(turn: ActiveTurn, { prepared }: OpenCall): Promise<Leave | null> {
    if (!turn.plans) return null;
    const isConfined = this.#options.confinements.ofPlanning(turn.threadId) !== null;
    const text = await this.#options.planLeave.refusal(prepared, { isConfined, cwd: turn.cwd });
    return text === null ? null : { kind: 'denied', text };
  }

  /** Throws sandbox_unavailable. */
  #enforced({ threadId, goalId, plans }: ActiveTurn): Confinement {
    const { confinements } = this.#options;
    return (plans ? confinements.ofPlanning(threadId) : null) ?? confinements.of(threadId, goalId);
  }

  /** null: what was asked for cannot be enforced, and the call itself says so. */
  #confinement(turn: ActiveTurn): Confinement | null {
    try {
      return this.#enforced(turn);
    } catch (error) {
      if (error instanceof ProtocolError) return null;
      throw error;
    }
  }

  /** Why a call does not run, or null; then its approval, where it has one, is used up. */
  #refusal(turn: ActiveTurn, leave: Leave): string | null {
    const { store, approvals, failpoint } = this.#options;
    if (leave.kind === 'free') return null;
    if (leave.kind !== 'run') return leave.text;
    if (turn.signal.aborted) return NOT_BEGUN;
    failpoint('approval.granted');
    const begins = store.write(turn, () => approvals.begin(turn, leave.approvalId));
    failpoint('approval.begun');
    return begins ? null : NOT_BEGUN;
  }

  async #run(turn: ActiveTurn, call: OpenCall, unsandboxed: boolean): Promise<ToolRound> {
    const { store, clock, failpoint, trees } = this.#options;
    const { prepared } = call;
    if (!prepared.readOnly) await trees.beforeWrite(turn);
    const startedAtMs = clock.now();
    const first = await this.#result(turn, call, unsandboxed);
    const { result, settles } = unsandboxed
      ? { result: first }
      : await this.#again(turn, call, first);
    failpoint('tool.beforeOutput');
    const durationMs = clock.now() - startedAtMs;
    await store.writeWhenPossible(turn, (tx) => {
      this.#complete(tx, turn, call, result, { durationMs, ran: true });
      if (settles !== undefined) store.repositories.approvals.settle(settles);
    });
    failpoint('tool.afterOutput');
    if (result.success && result.changes !== undefined) await trees.tellDiff(turn);
    turn.remember(wordsOfCall(prepared.call.name, prepared.display, result));
    const verdict = turn.repeats.see(prepared.call, seenAs(result));
    if (verdict === 'notice') {
      turn.notices.push(
        `You have called ${prepared.call.name} with the same arguments and got the same output several times in a row. Doing it again changes nothing: try another way.`,
      );
    }
    return { endsTurn: result.endsTurn ?? false, stuck: verdict === 'stop' };
  }

  /** Runs a command that its sandbox has stopped once more, without it, if a person lets it. `settles`: an approval that is over then. */
  async #again(
    turn: ActiveTurn,
    call: OpenCall,
    first: ToolResult,
  ): Promise<{ readonly result: ToolResult; readonly settles?: string }> {
    const { store, approvals, permission } = this.#options;
    const leave = turn.plans ? null : await permission.again(turn, this.#next(turn, call), first);
    if (leave === null) return { result: first };
    const { output } = first;
    if (leave.kind === 'parked') {
      return { result: { ...first, output: `${output}\n${leave.text}`, endsTurn: true } };
    }
    const settles = leave.approvalId;
    const begins =
      leave.kind === 'run' && store.write(turn, () => approvals.begin(turn, leave.approvalId));
    if (!begins) return { result: { ...first, output: `${output}\n${NOT_AGAIN}` }, settles };
    const second = await this.#result(turn, call, true);
    return { result: { ...second, output: `${RAN_AGAIN}\n${second.output}` }, settles };
  }

  async #result(turn: ActiveTurn, call: OpenCall, unsandboxed: boolean): Promise<ToolResult> {
    const { threadId, turnId } = turn;
    const itemId = call.item.id;
    try {
      return await call.prepared.run({
        threadId,
        turnId,
        itemId,
        cwd: turn.cwd,
        signal: turn.signal,
        refuseChange: await this.#options.guard.refuser(turn),
        goals: this.#options.goalControl(turn, itemId),
        confinement: unsandboxed ? unconfined(turn.cwd, threadId) : this.#enforced(turn),
        background: this.#options.background(turn, itemId),
        onProgress: (message) => {
          this.#options.outbox.tell(
            outgoing(
              notifications.mcpToolCallProgress,
              { threadId, turnId, itemId, message },
              { to: 'thread', threadId },
            ),
          );
        },
        onOutput: (delta) => {
          this.#options.outbox.tell(
            outgoing(
              notifications.commandExecutionOutputDelta,
              { threadId, turnId, itemId, delta },
              { to: 'thread', threadId },
            ),
          );
        },
      });
    } catch (error) {
      if (turn.signal.aborted) return { output: INTERRUPTED, success: false };
      const reason = error instanceof Error ? error.message : String(error);
      return { output: `The tool failed: ${reason}`, success: false };
    }
  }

  #complete(
    tx: Tx,
    turn: ActiveTurn,
    call: OpenCall,
    result: ToolResult,
    options: { durationMs: number; ran: boolean },
  ): void {
    const { call: toolCall } = call.prepared;
    this.#options.store.completeItem(tx, turn, finishedToolItem(call.item, result, options), [
      entryOf(toolCall, call.requestId),
      { kind: 'toolOutput', callId: toolCall.callId, output: result.output },
    ]);
  }
}

/** A call whose item shows what it is about to change as it will. */
async function withPreview(call: OpenCall): Promise<OpenCall> {
  const changes = (await call.prepared.preview?.()) ?? null;
  if (changes === null || call.item.type !== 'fileChange') return call;
  return { ...call, item: { ...call.item, changes: [...changes] } };
}

/** What makes two outputs the same: a command's header also tells how long it took. */
function seenAs({ command, output }: ToolResult): string {
  return command === undefined ? output : `${String(command.exitCode)} ${command.output}`;
}

/** The folder a call was made for. */
function folderOf({ prepared }: OpenCall, turn: ActiveTurn): string {
  return prepared.display.kind === 'command' ? prepared.display.cwd : turn.cwd;
}

function entryOf(call: ToolCall, responseId: string): HistoryEntry {
  return { kind: 'toolCall', responseId, ...call };
}

/** Hundreds of calls at once must not open hundreds of files and threads. */
const MOST_AT_ONCE = 8;

/** The longest run of read-only calls at the front that may run at once, or the one writing call there. */
function nextGroup(calls: readonly OpenCall[]): readonly OpenCall[] {
  const firstWriting = calls.findIndex((call) => !call.prepared.readOnly || call.prepared.barrier);
  const readOnly = firstWriting === -1 ? calls.length : firstWriting;
  return calls.slice(0, Math.min(MOST_AT_ONCE, Math.max(1, readOnly)));
}
