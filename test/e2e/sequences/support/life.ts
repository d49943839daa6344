import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { homePaths, type GoalEvent, notifications, requests } from '@goald/protocol';
import { create, type Daemon } from '@goald/server';
import { planListening } from '@goald/server/transport/listen-address.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { RpcClient } from '../../../helpers/rpc/rpc-client.js';

export interface LifeOptions {
  readonly home: string;
  readonly modelUrl: string;
  readonly nowMs: number;
}

/** What a killed daemon meets wherever it would ask the model or run a tool. */
class KilledError extends Error {
  override readonly name = 'KilledError';
}

/** What a dead daemon could no longer do: all that is seen outside of its own store. */
const OUTSIDE = /^(?:request|tool|gate|compaction)\./u;

/** Files of a home that a kill leaves as they stand. */
const KEPT = ['goald.db', 'goald.db-wal', 'config.json', 'token'];

/**
 * One daemon from its start to its end, in this process. A kill keeps the files as they stand at that instant, which is what the kernel
 * keeps for a process that dies; whatever the daemon does after it, is done to files that nobody reads again, and it can no longer ask
 * the model for anything or run a tool.
 */
export class Life {
  readonly clock: ManualClock;
  readonly #options: LifeOptions;
  /** Where the daemon is killed when it comes by. */
  #killAt: string | null = null;
  #daemon: Daemon | null = null;
  #observer: RpcClient | null = null;
  #killed = false;
  /** What was told before the kill, and was not taken yet. */
  #last: readonly GoalEvent[] = [];
  #taken = 0;

  private constructor(options: LifeOptions) {
    this.#options = options;
    this.clock = new ManualClock(options.nowMs);
  }

  /** Starts a daemon. */
  static async start(options: LifeOptions): Promise<Life> {
    const life = new Life(options);
    const paths = homePaths({ home: options.home, env: {}, cwd: '/' });
    const plan = planListening(['unix://'], { cwd: '/', defaultSocket: paths.socket });
    if (plan.mode !== 'serve') throw new Error('A daemon that does not listen.');
    life.#daemon = await create(
      {
        paths,
        listen: plan.addresses,
        withoutAuth: false,
        env: {
          PATH: process.env['PATH'],
          HOME: options.home,
          OPENAI_BASE_URL: options.modelUrl,
          OPENAI_API_KEY: 'sk-test',
        },
        cwd: options.home,
      },
      {
        clock: life.clock,
        random: () => 0.5,
        failpoint: (name) => {
          life.#pass(name);
        },
      },
    );
    return life;
  }

  get killed(): boolean {
    return this.#killed;
  }

  get endpoint(): string {
    return `unix://${homePaths({ home: this.#options.home, env: {}, cwd: '/' }).socket}`;
  }

  /** What the subscriber was told while the daemon lived, and was not taken before; in order. */
  takeHeard(): readonly GoalEvent[] {
    const heard = this.#killed ? this.#last : this.#told();
    this.#last = [];
    if (!this.#killed) this.#taken += heard.length;
    return heard;
  }

  /** Subscribes; whoever subscribed before is gone. */
  async observe(sinceSeq: number): Promise<void> {
    await this.#observer?.[Symbol.asyncDispose]();
    this.#taken = 0;
    this.#observer = await RpcClient.connect(this.endpoint, undefined, 'observer');
    await this.#observer.request(requests.goalSubscribe, { sinceSeq });
  }

  armKill(place: string): void {
    this.#killAt = place;
  }

  disarm(): void {
    this.#killAt = null;
  }

  /** kill -9, now. */
  kill(): void {
    if (this.killed) return;
    this.#killed = true;
    this.#last = this.#told();
    const copy = `${this.#options.home}.kept`;
    mkdirSync(copy);
    for (const name of KEPT) {
      const from = join(this.#options.home, name);
      if (existsSync(from)) copyFileSync(from, join(copy, basename(name)));
    }
  }

  /** Ends the daemon cleanly, or, after a kill, leaves the home as the kill found it. */
  async end(): Promise<void> {
    await this.#daemon?.[Symbol.asyncDispose]();
    await this.#observer?.[Symbol.asyncDispose]();
    if (!this.killed) return;
    rmSync(this.#options.home, { recursive: true, force: true });
    renameSync(`${this.#options.home}.kept`, this.#options.home);
  }

  #told(): GoalEvent[] {
    return (this.#observer?.all(notifications.goalEvent) ?? [])
      .slice(this.#taken)
      .map(({ subscriptionId: _, emittedAtMs: __, ...event }) => event);
  }

  #pass(name: string): void {
    if (!this.killed && name === this.#killAt) this.kill();
    if (this.killed && OUTSIDE.test(name)) throw new KilledError(`killed at ${name}`);
  }
}
