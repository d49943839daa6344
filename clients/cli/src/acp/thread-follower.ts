import { randomUUID } from 'node:crypto';
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { type ConnectionState, isGoaldError } from '@goald/client';
import { type GoalEvent, requests, type Turn } from '@goald/protocol';
import { oneLine } from '../output/text.js';
import { sessionNotFound, toAcpError } from './acp-error.js';
import type { Daemon } from './daemon-door.js';
import { Feed } from './feed.js';
import { noteOf, verificationCall } from './goal-notes.js';
import { isDone, pastOf, readEvents, readTurns } from './history.js';
import { quoted } from './markdown.js';
import type { PromptWaits } from './prompt-waits.js';
import type { SessionSettings } from './session-settings.js';
import { listenToThread } from './thread-listeners.js';
import { ThreadState } from './thread-state.js';
import { Transcript } from './transcript.js';
import type { TypedWords } from './typed-words.js';

export interface ThreadFollowerOptions {
  readonly daemon: Daemon;
  readonly threadId: string;
  /** Absolute folder of the thread. */
  readonly cwd: string;
  readonly emit: (update: SessionUpdate) => void;
  readonly settings: SessionSettings;
  readonly waits: PromptWaits;
  readonly typed: TypedWords;
  readonly onProblem: (error: unknown) => void;
}

/** Hears what happens in a thread: keeps how it stands, tells the editor, and answers the prompts that are over. */
export class ThreadFollower implements Disposable {
  readonly state = new ThreadState();
  readonly transcript: Transcript;
  readonly #options: ThreadFollowerOptions;
  readonly #feed: Feed;
  readonly #listeners: readonly Disposable[];

  constructor(options: ThreadFollowerOptions) {
    const { cwd, emit, typed, onProblem } = options;
    this.#options = options;
    this.#feed = new Feed(onProblem);
    this.transcript = new Transcript({ cwd, emit, knows: (message) => typed.take(message) });
    this.#listeners = this.#listen();
  }

  /** Takes up the past. `replay`: tells the editor all of it. Resolves with whether there is one, when it is told. */
  async attach(replay: boolean): Promise<boolean> {
    const { daemon, threadId } = this.#options;
    const { client, events } = daemon;
    let hasPast = false;
    await this.queued(async () => {
      await this.readGoal();
      const told = events.enabled ? await readEvents(client, threadId) : [];
      const turns = await readTurns(client, threadId, null);
      hasPast = turns.length > 0;
      this.state.readPast(turns, told);
      if (!replay) {
        for (const turn of turns) {
          for (const item of turn.items) {
            if (isDone(turn, item)) this.transcript.skip(item.id);
            else this.transcript.read(item, false);
          }
        }
        return;
      }
      for (const past of pastOf(turns, told)) {
        if (past.kind === 'item') this.transcript.read(past.item, past.done);
        else this.#tell(past.event);
      }
    });
    return hasPast;
  }

  /** Does something behind everything that was heard so far. */
  queued(work: () => void | Promise<void>): Promise<void> {
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

  async readGoal(): Promise<void> {
    const { daemon, threadId } = this.#options;
    if (!daemon.events.enabled) return;
    const { goal } = await daemon.client.request(requests.threadGoalGet, { threadId });
    this.state.readGoal(goal);
  }

  /** Answers the prompts that are over as the thread stands. */
  settle(): void {
    const cut = this.#options.waits.settle(this.state);
    for (const turnId of cut) {
      this.note(`cut-${turnId}`, quoted(['This turn was cut short. Say something to go on.']));
    }
  }

  /** Something goald says itself. `id` is the same whenever it says it. */
  note(id: string, markdown: string): void {
    this.transcript.note(id, markdown);
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) listener[Symbol.dispose]();
    this.transcript[Symbol.dispose]();
  }

  #listen(): readonly Disposable[] {
    const { daemon, threadId, settings, waits } = this.#options;
    const { client, events } = daemon;
    return [
      ...listenToThread(client, threadId, {
        transcript: this.transcript,
        queue: (work) => {
          this.#feed.push(work);
        },
        goal: (goal) => {
          this.state.goal = goal;
        },
        turn: (turn) => {
          this.#turn(turn);
        },
        settings: (changed) => {
          settings.hear(changed);
        },
        serverFailed: (name, why) => {
          const text = `The MCP server \`${name}\` is not there: ${oneLine(why)}.`;
          this.note(randomUUID(), quoted([text]));
        },
        gone: () => {
          waits.fail(sessionNotFound(threadId));
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
    if (!this.state.hear(event)) return;
    this.#tell(event);
    this.settle();
  }

  /** Turns are counted by their events, which are missed never; by this only where the daemon has no events. */
  #turn(turn: Turn): void {
    if (this.#options.daemon.events.enabled) return;
    this.state.readTurn(turn);
    this.settle();
  }

  /** What an event is to the editor. */
  #tell(event: GoalEvent): void {
    const call = verificationCall(event);
    if (call !== null) this.transcript.update(call);
    const note = noteOf(event);
    if (note !== null) this.note(String(event.seq), note);
  }

  #connection(state: ConnectionState): void {
    switch (state.status) {
      case 'connected':
        this.#feed.push(() => this.#catchUp());
        return;
      case 'reconnecting':
        this.#feed.push(() => {
          this.transcript.tear();
        });
        return;
      case 'closed':
        this.#options.waits.fail(
          toAcpError(state.error ?? new Error('The connection was closed.')),
        );
    }
  }

  /** After a time without a connection: what happened meanwhile. The events of that time come by themselves. */
  async #catchUp(): Promise<void> {
    const { daemon, threadId, waits } = this.#options;
    try {
      await this.readGoal();
      const turns = await readTurns(daemon.client, threadId, this.state.newestTurn);
      for (const turn of turns) {
        for (const item of turn.items) this.transcript.read(item, isDone(turn, item));
        this.#turn(turn);
      }
    } catch (error) {
      if (!isGoaldError(error, 'thread_not_found')) throw error;
      waits.fail(sessionNotFound(threadId));
    }
  }
}
