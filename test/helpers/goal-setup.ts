import { join } from 'node:path';
import { requests, type ConfigInput, type Goal, type ParamsInput } from '@goald/protocol';
import {
  startDaemon,
  type DaemonProcess,
  type DaemonProcessOptions,
} from './daemon/daemon-process.js';
import { makeRepository } from './git-repository.js';
import { startModelServer, type ModelServer, type Script } from './model-server/index.js';
import { RpcClient } from './rpc/rpc-client.js';
import { tempFolder } from './temp-folder.js';

export interface GoalSetup extends AsyncDisposable {
  readonly folder: string;
  readonly repository: string;
  readonly home: string;
  readonly model: ModelServer;
  readonly daemon: DaemonProcess;
  readonly client: RpcClient;
  readonly threadId: string;
  /** Sets a goal on the thread, as a user. */
  setGoal(params: Omit<ParamsInput<typeof requests.threadGoalSet>, 'threadId'>): Promise<Goal>;
  /** The goal when it has stopped. */
  stopped(timeoutMs?: number): Promise<Goal>;
  /** Starts the daemon of this home again; the client is a new one. */
  restart(options?: Partial<DaemonProcessOptions>): Promise<void>;
}

/** Quick brakes and retries, so that tests need no patience. */
export const QUICK: ConfigInput = {
  engine: { noProgressDelaysMs: [1, 1], retryBaseMs: 1, retryMaxMs: 5, stopGraceMs: 300 },
};

/** A repository, a scripted model, a daemon, a client and a thread. */
export async function goalSetup(options: {
  readonly script: Script;
  /** Makes the repository in a folder of its own and answers where; default: one with a file a.txt. */
  readonly repository?: (folder: string) => Promise<string>;
  readonly config?: ConfigInput | undefined;
  readonly daemon?: Partial<DaemonProcessOptions>;
}): Promise<GoalSetup> {
  const folder = await tempFolder();
  const make =
    options.repository ?? ((into) => makeRepository(join(into, 'repo'), { 'a.txt': 'one\n' }));
  const repository = await make(folder.path);
  const model = await startModelServer({ script: options.script });
  const home = join(folder.path, 'h');
  const start = async (more: Partial<DaemonProcessOptions> = {}): Promise<DaemonProcess> =>
    startDaemon({
      home,
      config: options.config ?? QUICK,
      env: { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'sk-test-secret' },
      ...more,
    });
  let daemon = await start(options.daemon);
  let client = await RpcClient.connect(daemon.wsUrl, await daemon.token());
  const { thread } = await client.request(requests.threadStart, { cwd: repository });
  return {
    folder: folder.path,
    repository,
    home,
    model,
    get daemon() {
      return daemon;
    },
    get client() {
      return client;
    },
    threadId: thread.id,
    setGoal: async (params) => {
      const set = { threadId: thread.id, origin: 'user' as const, ...params };
      return (await client.request(requests.threadGoalSet, set)).goal;
    },
    stopped: async (timeoutMs = 30_000) => {
      const wait = { threadId: thread.id, timeoutMs };
      const { goal, timedOut } = await client.request(requests.goalWait, wait);
      if (goal === null || timedOut) {
        throw new Error(timedOut ? `still ${JSON.stringify(goal)}` : 'the goal was cleared');
      }
      return goal;
    },
    restart: async (more) => {
      await client[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
      daemon = await start(more);
      client = await RpcClient.connect(daemon.wsUrl, await daemon.token());
    },
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
