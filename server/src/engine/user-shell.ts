import { notifications, type ThreadItem } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { Outbox } from '../events/outbox.js';
import { outgoing } from '../store/outgoing.js';
import type { ActiveTurn } from './active-turn.js';
import { commandActions, shellInvocation } from './command-actions.js';
import type { CommandResult, CommandRunner } from './ports/commands.js';
import { unconfined } from './ports/confinement.js';
import type { TurnStore } from './turn-store.js';

export interface UserShellOptions {
  readonly store: TurnStore;
  readonly outbox: Outbox;
  readonly commands: CommandRunner;
}

/** What a user wants run in a thread's folder. */
export interface UserCommand {
  readonly command: string;
  readonly timeoutMs: number;
}

const HEAD_CHARS = 6000;
const TAIL_CHARS = 6000;

/** Runs commands that a user typed: as the user would, without a sandbox. The model reads of them with what it is asked next. */
export class UserShell {
  readonly #options: UserShellOptions;

  constructor(options: UserShellOptions) {
    this.#options = options;
  }

  /** Throws the turn's stop reason, with the command ended and its output stored. */
  async run(turn: ActiveTurn, { command, timeoutMs }: UserCommand): Promise<void> {
    const duringResponseId = turn.requestInFlight;
    const { store, outbox, commands } = this.#options;
    const { threadId, turnId, cwd } = turn;
    const item = itemOf(command, cwd);
    await store.writeWhenPossible(turn, (tx) => {
      store.openItem(tx, turn, { wire: item, history: [], requestId: null });
      store.tellStarted(tx, turn, item);
    });
    const result = await commands.run({
      command,
      cwd,
      turnId,
      timeoutMs,
      confinement: unconfined(cwd, threadId),
      signal: turn.signal,
      onOutput: (delta) => {
        const params = { threadId, turnId, itemId: item.id, delta };
        outbox.tell(
          outgoing(notifications.commandExecutionOutputDelta, params, { to: 'thread', threadId }),
        );
      },
    });
    await store.writeWhenPossible(turn, (tx) => {
      const text = told(command, result);
      store.completeItem(tx, turn, finished(item, result), [
        duringResponseId === null
          ? { kind: 'user', text }
          : { kind: 'user', text, duringResponseId },
      ]);
    });
    turn.signal.throwIfAborted();
  }
}

type CommandItem = Extract<ThreadItem, { type: 'commandExecution' }>;

function itemOf(command: string, cwd: string): CommandItem {
  return {
    type: 'commandExecution',
    id: uuid(),
    pluginId: null,
    scriptPath: null,
    command: shellInvocation(command),
    cwd,
    processId: null,
    source: 'userShell',
    status: 'inProgress',
    commandActions: commandActions(command, cwd),
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  };
}

function finished(item: CommandItem, result: CommandResult): CommandItem {
  return {
    ...item,
    status: result.exitCode === 0 ? 'completed' : 'failed',
    aggregatedOutput: result.output,
    exitCode: result.exitCode,
    durationMs: result.durationMs,
    processId: result.processId === null ? null : String(result.processId),
  };
}

function told(command: string, result: CommandResult): string {
  const { output } = result;
  const shown =
    output.length <= HEAD_CHARS + TAIL_CHARS
      ? output
      : `${output.slice(0, HEAD_CHARS)}\n[…]\n${output.slice(-TAIL_CHARS)}`;
  const end = result.timedOut
    ? 'timed out'
    : result.exitCode === null
      ? `ended by ${result.signal ?? 'a signal'}`
      : `exit code ${String(result.exitCode)}`;
  return `I ran a command myself:\n$ ${command}\n${end}\n${shown}`;
}
