import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  homePaths,
  requests,
  type ConfigInput,
  type Goal,
  type GoalEvent,
  type HomePaths,
} from '@goald/protocol';
import { create } from '@goald/server';
import { AsyncStack } from '@goald/server/host/async-stack.js';
import { planListening } from '@goald/server/transport/listen-address.js';
import { JumpingClock } from '../../../helpers/daemon/jumping-clock.js';
import { eventually } from '../../../helpers/eventually.js';
import { makeRepository } from '../../../helpers/git-repository.js';
import { QUICK } from '../../../helpers/goal-setup.js';
import {
  startModelServer,
  type ModelServer,
  type Script,
} from '../../../helpers/model-server/index.js';
import { RpcClient } from '../../../helpers/rpc/rpc-client.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

export const HOUR_MS = 3_600_000;

/** A goal whose model is at its usage limit, under a daemon in this process whose time can jump. */
export class LimitedGoal implements AsyncDisposable {
  readonly clock = new JumpingClock();
  readonly model: ModelServer;
  readonly #stack: AsyncStack;
  readonly #paths: HomePaths;
  readonly #repository: string;
  #daemon: AsyncDisposable | null = null;
  #client: RpcClient | null = null;
  #threadId = '';

  private constructor(
    stack: AsyncStack,
    parts: { model: ModelServer; paths: HomePaths; repository: string },
  ) {
    this.#stack = stack;
    this.model = parts.model;
    this.#paths = parts.paths;
    this.#repository = parts.repository;
  }

  /** Sets a goal. */
  static async start(script: Script, config: ConfigInput = QUICK): Promise<LimitedGoal> {
    const stack = new AsyncStack();
    const folder = await tempFolder();
    stack.use(folder);
    const model = await startModelServer({ script });
    stack.use(model);
    const home = join(folder.path, 'h');
    await mkdir(home);
    const paths = homePaths({ home, env: {}, cwd: '/' });
    const repository = await makeRepository(join(folder.path, 'repo'), { 'a.txt': 'one\n' });
    const goal = new LimitedGoal(stack, { model, paths, repository });
    await goal.configure(config);
    await goal.#open();
    const { thread } = await goal.client.request(requests.threadStart, { cwd: repository });
    goal.#threadId = thread.id;
    await goal.client.request(requests.threadGoalSet, goal.on({ objective: 'Do it.' }));
    return goal;
  }

  get client(): RpcClient {
    if (this.#client === null) throw new Error('The daemon is down.');
    return this.#client;
  }

  /** Params of a request on the goal's thread. */
  on<T extends object>(params: T): T & { threadId: string } {
    return { threadId: this.#threadId, ...params };
  }

  async configure(config: ConfigInput): Promise<void> {
    await writeFile(this.#paths.config, JSON.stringify(config));
  }

  async now(): Promise<Goal | null> {
    return (await this.client.request(requests.threadGoalGet, this.on({}))).goal;
  }

  /** The goal once its status is this. */
  until(status: Goal['status']): Promise<Goal> {
    return eventually(`the goal is ${status}`, async () => {
      const goal = await this.now();
      return goal?.status === status && goal;
    });
  }

  /** Every status it moved to, in order. */
  async moves(): Promise<GoalEvent[]> {
    const { data } = await this.client.request(requests.goalEventsList, this.on({}));
    return data.filter((event) => event.type === 'goal.statusChanged');
  }

  /** The daemon stops, time passes, and another one starts. */
  async later(ms: number): Promise<void> {
    await this.#close();
    this.clock.jump(ms);
    await this.#open();
  }

  /** The daemon stops, its database is overwritten, and another one starts. */
  async damaged(): Promise<void> {
    await this.#close();
    await writeFile(this.#paths.database, 'This is no database. '.repeat(1000));
    await this.#open();
  }

  /** Nothing is asked of the model for this goal any more: one on another thread comes and goes first. */
  async staysQuiet(): Promise<boolean> {
    const before = this.model.requests.length;
    const { thread } = await this.client.request(requests.threadStart, { cwd: this.#repository });
    const threadId = thread.id;
    await this.client.request(requests.threadGoalSet, { threadId, objective: 'Something else.' });
    await this.client.request(requests.goalWait, { threadId, timeoutMs: 20_000 });
    return this.model.requests.length === before + 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.#stack[Symbol.asyncDispose]();
  }

  async #open(): Promise<void> {
    const plan = planListening(['unix://'], { cwd: '/', defaultSocket: this.#paths.socket });
    if (plan.mode !== 'serve') throw new Error('This only serves.');
    const env = { OPENAI_BASE_URL: this.model.url, OPENAI_API_KEY: 'sk-test' };
    this.#daemon = await create(
      { paths: this.#paths, listen: plan.addresses, withoutAuth: false, env, cwd: '/' },
      { clock: this.clock },
    );
    this.#client = await RpcClient.connect(`unix://${this.#paths.socket}`);
  }

  async #close(): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
    await this.#daemon?.[Symbol.asyncDispose]();
    this.#client = this.#daemon = null;
  }
}
