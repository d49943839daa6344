import type {
  ContentBlock,
  PromptResponse,
  SessionUpdate,
  ToolCallUpdate,
} from '@agentclientprotocol/sdk';
import { isGoaldError } from '@goald/client';
import type { requests, ResultOf } from '@goald/protocol';
import { type AcpError, sessionNotFound, toAcpError } from './acp-error.js';
import { AVAILABLE_COMMANDS } from './commands.js';
import type { Daemon } from './daemon-door.js';
import type { Editor } from './editor.js';
import { quoted } from './markdown.js';
import type { Mode } from './modes.js';
import { Opening } from './opening.js';
import { readPrompt, type PromptInput } from './prompt-input.js';
import { PromptSender } from './prompt-sender.js';
import { PromptWaits } from './prompt-waits.js';
import { modelsOf, SessionSettings } from './session-settings.js';
import { ThreadFollower } from './thread-follower.js';
import { TypedWords } from './typed-words.js';

/** How long a cancelled prompt stays open for a daemon that does not answer, in milliseconds. */
const CANCEL_MS = 10_000;

export interface SessionOptions {
  /** The daemon with a connection that stands. Rejects when it cannot be reached. */
  readonly reach: () => Promise<Daemon>;
  readonly daemon: Daemon;
  readonly editor: Editor;
  /** What the daemon said of the thread. */
  readonly started: ResultOf<typeof requests.threadStart>;
  /** What the user should know before the first answer. */
  readonly notices: readonly string[];
  readonly onProblem: (error: unknown) => void;
}

/** One thread of the daemon, shown in one conversation of an editor: what is said goes out by the sender, what happens comes in by the follower. */
export class Session implements Disposable {
  readonly threadId: string;
  /** Absolute folder of the thread. */
  readonly cwd: string;
  readonly settings: SessionSettings;
  mode: Mode = 'chat';
  readonly #options: SessionOptions;
  readonly #waits = new PromptWaits();
  readonly #typed = new TypedWords();
  readonly #opening: Opening;
  readonly #follower: ThreadFollower;
  readonly #sender: PromptSender;

  constructor(options: SessionOptions) {
    const { started, daemon, editor, onProblem } = options;
    const { id: threadId, cwd } = started.thread;
    const emit = (update: SessionUpdate): void => {
      editor.update(threadId, update);
    };
    this.#options = options;
    this.threadId = threadId;
    this.cwd = cwd;
    const { sandboxNotice } = started;
    this.#opening = new Opening([
      ...(sandboxNotice === null ? [] : [sandboxNotice]),
      ...options.notices,
    ]);
    this.settings = new SessionSettings({ client: daemon.client, threadId, started, emit });
    const shared = { daemon, threadId, waits: this.#waits, typed: this.#typed };
    this.#follower = new ThreadFollower({
      ...shared,
      ...{ cwd, emit, onProblem, settings: this.settings },
    });
    this.#sender = new PromptSender({ ...shared, follower: this.#follower });
  }

  /** Tells the editor what can be typed here. Only after it has heard of the session. */
  announce(): void {
    const { daemon, onProblem } = this.#options;
    this.#follower.transcript.update({
      sessionUpdate: 'available_commands_update',
      availableCommands: [...AVAILABLE_COMMANDS],
    });
    // The provider may take its time to say which models it has.
    modelsOf(daemon.client)
      .then((models) => {
        this.settings.offer(models);
      })
      .catch(onProblem);
  }

  /** Takes up a thread that has a past. `replay`: tells the editor all of it. Resolves when that is told. */
  async attach(replay: boolean): Promise<void> {
    if (await this.#follower.attach(replay)) this.#opening.skipTitle();
  }

  /** Answers when what was asked is over, and no goal is at work any more. Rejects with AcpError. */
  async prompt(blocks: readonly ContentBlock[]): Promise<PromptResponse> {
    const input = readPrompt(blocks, this.cwd);
    const wait = this.#waits.open();
    try {
      await this.#options.reach();
      this.#follower.transcript.answersNext();
      this.#open(input);
      await this.#sender.send(input, this.mode, wait);
      await this.#follower.queued(() => {
        this.#follower.settle();
      });
      if (wait.cancelled && wait.sent) await this.cancel();
      return await wait.answer;
    } catch (error) {
      throw this.#refusal(error);
    } finally {
      this.#waits.close(wait);
    }
  }

  /** Stops the turn in flight and pauses the goal. The open prompts are answered when that is done. */
  async cancel(): Promise<void> {
    if (!this.#waits.any) return;
    this.#waits.cancelAll();
    const late = setTimeout(() => {
      this.#follower.note('late', quoted(['The daemon does not answer: the goal may go on.']));
      this.#waits.endCancelled();
    }, CANCEL_MS);
    try {
      await this.#options.reach();
      await this.#sender.stop();
    } catch (error) {
      this.#follower.note('late', quoted([`Not stopped: ${toAcpError(error).message}`]));
      this.#waits.endCancelled();
    } finally {
      clearTimeout(late);
    }
  }

  /** Resolves when the editor was told all that was heard so far. */
  caughtUp(): Promise<void> {
    return this.#follower.queued(() => undefined);
  }

  callOf(itemId: string): ToolCallUpdate {
    return this.#follower.transcript.callOf(itemId);
  }

  /** These words of the user were typed in this editor, which shows them already. */
  typedHere(words: string): void {
    this.#typed.add(words);
  }

  [Symbol.dispose](): void {
    this.#follower[Symbol.dispose]();
    this.#waits.endCancelled();
  }

  #open(input: PromptInput): void {
    const { notices, title } = this.#opening.say(input);
    if (notices.length > 0) this.#follower.note('notices', quoted(notices));
    if (title !== null) {
      this.#follower.transcript.update({ sessionUpdate: 'session_info_update', title });
    }
  }

  #refusal(error: unknown): AcpError {
    return isGoaldError(error, 'thread_not_found')
      ? sessionNotFound(this.threadId)
      : toAcpError(error);
  }
}
