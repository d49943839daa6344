import { join } from 'node:path';
import { notifications, requests, type GoalEvent } from '@goald/protocol';
import { startDaemon, type DaemonProcess } from '../../../helpers/daemon/daemon-process.js';
import { eventually } from '../../../helpers/eventually.js';
import { makeRepository } from '../../../helpers/git-repository.js';
import { startModelServer, type ModelServer } from '../../../helpers/model-server/index.js';
import { RpcClient } from '../../../helpers/rpc/rpc-client.js';
import { tempFolder, type TempFolder } from '../../../helpers/temp-folder.js';
import { expectBillCovered } from './check-bill.js';
import { expectStoreConsistent } from './check-store.js';
import type { Scenario, Stage } from './scenario.js';

/** When a daemon is killed: at a failpoint, or so many milliseconds after it is ready. */
export type Kill = { readonly at: string } | { readonly afterMs: number };

/** A scenario with a home, a model and one daemon after the other. */
export class CrashWorld implements AsyncDisposable {
  readonly #scenario: Scenario;
  readonly #folder: TempFolder;
  readonly #model: ModelServer;
  readonly #repository: string;
  /** Every event a client ever heard, by seq. */
  readonly #heard = new Map<number, unknown>();
  #stage: Stage | null = null;
  #isPrepared = false;

  private constructor(
    scenario: Scenario,
    folder: TempFolder,
    model: ModelServer,
    repository: string,
  ) {
    this.#scenario = scenario;
    this.#folder = folder;
    this.#model = model;
    this.#repository = repository;
  }

  static async open(scenario: Scenario): Promise<CrashWorld> {
    const folder = await tempFolder();
    const repository = await makeRepository(join(folder.path, 'repo'), scenario.files);
    const model = await startModelServer({ script: scenario.script(repository) });
    const world = new CrashWorld(scenario, folder, model, repository);
    await scenario.prepare?.(world.#home, () => world.live(null));
    world.#isPrepared = true;
    return world;
  }

  /** Runs a daemon until the kill or the scenario's end, whichever is first. Answers whether the kill came. */
  async live(kill: Kill | null): Promise<boolean> {
    const daemon = await this.#start(kill);
    if (daemon === null) return true;
    try {
      await Promise.race([this.#play(daemon, kill), daemon.ended()]);
    } catch (error) {
      // The daemon died under the client: what the client says of that is of no interest.
      if (!(await diesSoon(daemon))) throw error;
    }
    this.#remember();
    // A kill may also be meant for the stop.
    await daemon.kill('SIGTERM');
    const { code, signal } = await daemon.ended();
    if (signal === 'SIGKILL') return true;
    if (code !== 0) throw new Error(`The daemon ended by itself, with ${String(code ?? signal)}.`);
    return false;
  }

  /** Holds everything the goal left against the invariants. */
  check(): void {
    const database = join(this.#home, 'goald.db');
    expectStoreConsistent(database, this.#heard);
    expectBillCovered(database, this.#model.bill());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stage?.client[Symbol.asyncDispose]();
    await this.#model[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  get #home(): string {
    return join(this.#folder.path, 'h');
  }

  /** null when it died before it was ready. */
  async #start(kill: Kill | null): Promise<DaemonProcess | null> {
    const at = kill !== null && 'at' in kill ? kill.at : undefined;
    const { clockAheadMs } = this.#scenario;
    try {
      return await startDaemon({
        home: this.#home,
        config: this.#scenario.config,
        env: { OPENAI_BASE_URL: this.#model.url, OPENAI_API_KEY: 'sk-test' },
        ...(at === undefined ? {} : { dieAt: at }),
        ...(clockAheadMs === undefined || !this.#isPrepared ? {} : { clockAheadMs }),
      });
    } catch (error) {
      if (at !== undefined && String(error).includes('SIGKILL')) return null;
      throw error;
    }
  }

  async #play(daemon: DaemonProcess, kill: Kill | null): Promise<void> {
    const { client, threadId } = await this.#attach(daemon);
    const stage = { client, threadId, repository: this.#repository, isPrepared: this.#isPrepared };
    await this.#stage?.client[Symbol.asyncDispose]();
    this.#stage = stage;
    const timer =
      kill !== null && 'afterMs' in kill
        ? setTimeout(() => void daemon.kill('SIGKILL'), kill.afterMs)
        : undefined;
    try {
      await client.request(requests.threadGoalSet, {
        threadId,
        origin: 'user',
        idempotencyKey: 'goal',
        ...this.#scenario.goal,
      });
      const goal = await this.#scenario.play(stage);
      await this.#scenario.expectEnd(goal, stage);
      await this.#settled(stage);
    } finally {
      clearTimeout(timer);
    }
  }

  #remember(): void {
    for (const told of this.#stage?.client.all(notifications.goalEvent) ?? []) {
      const { subscriptionId: _, emittedAtMs: __, ...event } = told;
      this.#heard.set(event.seq, event);
    }
  }

  async #attach(daemon: DaemonProcess): Promise<{ client: RpcClient; threadId: string }> {
    const { capabilities = {} } = this.#scenario;
    const token = await daemon.token();
    const client = await RpcClient.connect(daemon.wsUrl, token, 'crash', capabilities);
    await client.request(requests.goalSubscribe, {
      sinceSeq: Math.max(0, ...this.#heard.keys()),
    });
    const { thread } = await client.request(requests.threadStart, {
      cwd: this.#repository,
      idempotencyKey: 'thread',
    });
    return { client, threadId: thread.id };
  }

  /** The last turn has ended, so that nothing is written any more. */
  async #settled({ client }: Stage): Promise<void> {
    await eventually('every turn has ended', async () => {
      const { data } = await client.request(requests.goalEventsList, { limit: 5000 });
      const count = (type: GoalEvent['type']): number =>
        data.filter((event) => event.type === type).length;
      return count('turn.started') === count('turn.completed');
    });
  }
}

async function diesSoon(daemon: DaemonProcess): Promise<boolean> {
  try {
    await eventually('the daemon is dead', () => daemon.exited, 2000);
    return true;
  } catch {
    return false;
  }
}
