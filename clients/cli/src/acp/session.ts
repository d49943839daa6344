import { randomUUID } from 'node:crypto';
import type {
  ContentBlock,
  PromptResponse,
  SessionUpdate,
  ToolCallUpdate,
} from '@agentclientprotocol/sdk';
import { type ConnectionState, isGoaldError } from '@goald/client';
import { type Goal, type GoalEvent, requests, type ResultOf, type Turn } from '@goald/protocol';
import { type AcpError, sessionNotFound, toAcpError } from './acp-error.js';
import { AVAILABLE_COMMANDS } from './commands.js';
import type { Daemon } from './daemon-door.js';
import type { Editor } from './editor.js';
import { Feed } from './feed.js';
import { noteOf, verificationCall } from './goal-notes.js';
import { isDone, pastOf, readEvents, readTurns } from './history.js';
import { listenToThread } from './thread-listeners.js';
import { quoted } from './markdown.js';
import type { Mode } from './modes.js';
import { readPrompt, slashCommandOf, wholeText, type PromptInput } from './prompt-input.js';
import { Opening } from './opening.js';
import { type PromptWait, PromptWaits } from './prompt-waits.js';
import { runCommand } from './run-command.js';
import { modelsOf, SessionSettings } from './session-settings.js';
import { ThreadState } from './thread-state.js';
import { Transcript, type UserMessage } from './transcript.js';

/** How long a cancelled prompt stays open for a daemon that does not answer, in milliseconds. */
const CANCEL_MS = 10_000;

export interface SessionOptions {
  /** The daemon with a connection that stands. Rejects when it cannot be reached. */
  readonly reach: () => Promise<Daemon>;
  readonly daemon: Daemon;
  readonly editor: Editor;
  /** What the daemon said of the thread. */
  readonly started: ResultOf<typeof requests.threadStart>;
  /** Names of MCP servers the editor offered. */
  readonly mcpServers: readonly string[];
  readonly onProblem: (error: unknown) => void;
}

/** One thread of the daemon, shown in one conversation of an editor. */
export class Session implements Disposable {
  readonly threadId: string;
  /** Absolute folder of the thread. */
  readonly cwd: string;
  readonly settings: SessionSettings;
  mode: Mode = 'chat';
  readonly #options: SessionOptions;
  readonly #daemon: Daemon;
  readonly #feed: Feed;
  readonly #transcript: Transcript;
  readonly #waits = new PromptWaits();
  readonly #opening: Opening;
  readonly #listeners: readonly Disposable[];
  /** Ids of messages and words of answers that were typed in this editor. */
  readonly #typed = new Set<string>();
  readonly #state = new ThreadState();

  constructor(options: SessionOptions) {
    const { started, daemon, editor } = options;
    const { id: threadId, cwd } = started.thread;
    const emit = (update: SessionUpdate): void => {
      editor.update(threadId, update);
    };
    this.#options = options;
    this.#daemon = daemon;
    this.threadId = threadId;
    this.cwd = cwd;
    this.#opening = new Opening(noticesOf(options));
    this.#feed = new Feed(options.onProblem);
    this.settings = new SessionSettings({ client: daemon.client, threadId, started, emit });
    this.#transcript = new Transcript({
      cwd,
      emit,
      knows: (message) => this.#isTyped(message),
    });
    this.#listeners = this.#listen();
  }

  /** Tells the editor what can be typed here. Only after it has heard of the session. */
  announce(): void {
    this.#transcript.update({
      sessionUpdate: 'available_commands_update',
      availableCommands: [...AVAILABLE_COMMANDS],
    });
    // The provider may take its time to say which models it has.
    modelsOf(this.#daemon.client)
      .then((models) => {
        this.settings.offer(models);
      })
      .catch(this.#options.onProblem);
  }

  /** Takes up a thread that has a past. `replay`: tells the editor all of it. Resolves when that is told. */
  async attach(replay: boolean): Promise<void> {
    const { client, events } = this.#daemon;
    await this.#queued(async () => {
      await this.#readGoal();
      const told = events.enabled ? await readEvents(client, this.threadId) : [];
      const turns = await readTurns(client, this.threadId, null);
      if (turns.length > 0) this.#opening.skipTitle();
      this.#state.readPast(turns, told);
      if (!replay) {
        for (const turn of turns) {
          for (const item of turn.items) {
            if (isDone(turn, item)) this.#transcript.skip(item.id);
            else this.#transcript.read(item, false);
          }
        }
        return;
      }
      for (const past of pastOf(turns, told)) {
        if (past.kind === 'item') this.#transcript.read(past.item, past.done);
        else this.#tell(past.event);
      }
    });
  }

  /** Answers when what was asked is over, and no goal is at work any more. Rejects with AcpError. */
  async prompt(blocks: readonly ContentBlock[]): Promise<PromptResponse> {
    const input = readPrompt(blocks, this.cwd);
    const wait = this.#waits.open();
    try {
      await this.#options.reach();
      this.#transcript.answersNext();
      this.#open(input);
      await this.#send(input, wait);
      await this.#queued(() => {
        this.#settle();
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
      this.#note('late', quoted(['The daemon does not answer: the goal may go on.']));
      this.#waits.endCancelled();
    }, CANCEL_MS);
    try {
      await this.#options.reach();
      await this.#stop();
    } catch (error) {
      this.#note('late', quoted([`Not stopped: ${toAcpError(error).message}`]));
      this.#waits.endCancelled();
    } finally {
      clearTimeout(late);
    }
  }

  /** Resolves when the editor was told all that was heard so far. */
  caughtUp(): Promise<void> {
    return this.#queued(() => undefined);
  }

  callOf(itemId: string): ToolCallUpdate {
    return this.#transcript.callOf(itemId);
  }

  /** These words of the user were typed in this editor, which shows them already. */
  typedHere(words: string): void {
    this.#typed.add(words);
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) listener[Symbol.dispose]();
    this.#transcript[Symbol.dispose]();
    this.#waits.endCancelled();
  }

  async #send(input: PromptInput, wait: PromptWait): Promise<void> {
    const command = slashCommandOf(input.text);
    if (command !== null && /^goal(-|$)/u.test(command.name)) {
      await this.#command(command, input, wait);
    } else if (this.mode === 'goal' && isFree(this.#state.goal)) {
      await this.#command({ name: 'goal', rest: input.text }, input, wait);
    } else {
      await this.#say(wholeText(input), wait);
    }
  }

  async #command(
    command: { name: string; rest: string },
    input: PromptInput,
    wait: PromptWait,
  ): Promise<void> {
    const { client, origin } = this.#daemon;
    if (command.name !== 'goal' && command.rest !== '') this.typedHere(command.rest);
    const done = await runCommand(command, { client, origin, threadId: this.threadId });
    if (done.text !== null) this.#note(randomUUID(), done.text);
    if (!done.follows) {
      this.#waits.close(wait);
      wait.answered();
      return;
    }
    // The events of the change are on their way before this is answered.
    await this.#readGoal();
    if (command.name === 'goal' && this.#state.goalActive && input.attached.length > 0) {
      await this.#say(input.attached.join('\n\n'), wait);
    }
    wait.sent = true;
  }

  async #say(text: string, wait: PromptWait): Promise<void> {
    const { client, origin } = this.#daemon;
    const clientUserMessageId = randomUUID();
    this.#typed.add(clientUserMessageId);
    const { turn } = await client.request(requests.turnStart, {
      threadId: this.threadId,
      input: [{ type: 'text', text }],
      clientUserMessageId,
      origin,
    });
    wait.turnId = turn.id;
    wait.sent = true;
  }

  async #stop(): Promise<void> {
    const { client, origin } = this.#daemon;
    const { threadId } = this;
    const turnId = this.#state.openTurn ?? this.#waits.newestTurn;
    try {
      if (turnId !== null) {
        await client.request(requests.turnInterrupt, { threadId, turnId, origin });
      } else if (this.#state.goalActive) {
        await client.request(requests.threadGoalPause, { threadId, origin });
      }
    } catch (error) {
      const over = ['turn_not_found', 'goal_not_found', 'invalid_transition'];
      if (!over.some((code) => isGoaldError(error, code))) throw error;
    }
  }

  #listen(): readonly Disposable[] {
    const { client, events } = this.#daemon;
    const { threadId } = this;
    return [
      ...listenToThread(client, threadId, {
        transcript: this.#transcript,
        queue: (work) => {
          this.#feed.push(work);
        },
        goal: (goal) => {
          this.#state.goal = goal;
        },
        turn: (turn) => {
          this.#turn(turn);
        },
        settings: (settings) => {
          this.settings.hear(settings);
        },
        gone: () => {
          this.#waits.fail(sessionNotFound(threadId));
        },
      }),
      events.listen(threadId, {
        event: (event) => {
          this.#feed.push(() => {
            this.#event(event);
          });
        },
        gap: () => {
          this.#feed.push(() => this.#catchUp());
        },
      }),
      client.onState((state) => {
        this.#connection(state);
      }),
    ];
  }

  #event(event: GoalEvent): void {
    if (!this.#state.hear(event)) return;
    this.#tell(event);
    this.#settle();
  }

  /** Turns are counted by their events, which are missed never; by this only where the daemon has no events. */
  #turn(turn: Turn): void {
    if (this.#daemon.events.enabled) return;
    this.#state.readTurn(turn);
    this.#settle();
  }

  #settle(): void {
    const cut = this.#waits.settle(this.#state);
    for (const turnId of cut) {
      this.#note(`cut-${turnId}`, quoted(['This turn was cut short. Say something to go on.']));
    }
  }

  /** What an event is to the editor. */
  #tell(event: GoalEvent): void {
    const call = verificationCall(event);
    if (call !== null) this.#transcript.update(call);
    const note = noteOf(event);
    if (note !== null) this.#note(String(event.seq), note);
  }

  #note(id: string, markdown: string): void {
    this.#transcript.note(id, markdown);
  }

  #open(input: PromptInput): void {
    const { notices, title } = this.#opening.say(input);
    if (notices.length > 0) this.#note('notices', quoted(notices));
    if (title !== null) this.#transcript.update({ sessionUpdate: 'session_info_update', title });
  }

  #connection(state: ConnectionState): void {
    switch (state.status) {
      case 'connected':
        this.#feed.push(() => this.#catchUp());
        return;
      case 'reconnecting':
        this.#feed.push(() => {
          this.#transcript.tear();
        });
        return;
      case 'closed':
        this.#waits.fail(toAcpError(state.error ?? new Error('The connection was closed.')));
    }
  }

  /** After a time without a connection: what happened meanwhile. The events of that time come by themselves. */
  async #catchUp(): Promise<void> {
    const { client } = this.#daemon;
    try {
      await this.#readGoal();
      const turns = await readTurns(client, this.threadId, this.#state.newestTurn);
      for (const turn of turns) {
        for (const item of turn.items) this.#transcript.read(item, isDone(turn, item));
        this.#turn(turn);
      }
    } catch (error) {
      if (!isGoaldError(error, 'thread_not_found')) throw error;
      this.#waits.fail(sessionNotFound(this.threadId));
    }
  }

  async #readGoal(): Promise<void> {
    if (!this.#daemon.events.enabled) return;
    const { threadId } = this;
    const { goal } = await this.#daemon.client.request(requests.threadGoalGet, { threadId });
    this.#state.readGoal(goal);
  }

  /** Does something behind everything that was heard so far. */
  #queued(work: () => void | Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#feed.push(async () => {
        try {
          await work();
          resolve();
        } catch (error) {
          reject(toAcpError(error));
        }
      });
    });
  }

  /** Whether the editor shows these words already. The daemon puts the question before an answer. */
  #isTyped({ clientId, content }: UserMessage): boolean {
    if (clientId !== null) return this.#typed.delete(clientId);
    const text = content.map((part) => part.text).join('\n');
    const answer = [...this.#typed].find((typed) => text.endsWith(typed));
    return answer !== undefined && this.#typed.delete(answer);
  }

  #refusal(error: unknown): AcpError {
    return isGoaldError(error, 'thread_not_found')
      ? sessionNotFound(this.threadId)
      : toAcpError(error);
  }
}

/** Whether a message in goal mode becomes a goal: there is none that is unfinished. */
function isFree(goal: Goal | null): boolean {
  return goal === null || goal.status === 'complete';
}

function noticesOf({ started, mcpServers }: SessionOptions): readonly string[] {
  const names = mcpServers.map((name) => `\`${name}\``).join(', ');
  return [
    ...(started.sandboxNotice === null ? [] : [started.sandboxNotice]),
    ...(names === ''
      ? []
      : [`The MCP servers of the editor cannot be used here: the agent works without ${names}.`]),
  ];
}
