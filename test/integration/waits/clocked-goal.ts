import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { homePaths, requests, type ConfigInput, type Goal } from '@goald/protocol';
import { create, type Daemon } from '@goald/server';
import { eventually } from '../../helpers/eventually.js';
import { makeRepository } from '../../helpers/git-repository.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import {
  startModelServer,
  type ModelServer,
  type Script,
} from '../../helpers/model-server/index.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder } from '../../helpers/temp-folder.js';

/** A daemon in this process, with a clock that only the test moves, a client and a thread. */
export interface ClockedGoal extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly model: ModelServer;
  readonly repository: string;
  readonly threadId: string;
  client: RpcClient;
  goal(): Promise<Goal>;
  /** The goal once it waits for what the model asked for, with no turn in flight. */
  waiting(): Promise<Goal>;
  /** Resolves when so many turns were started, or the goal stopped. */
  turnsUsed(count: number): Promise<void>;
  stopped(): Promise<Goal>;
  /** Stops the daemon; time may pass; starts it again. */
  restart(whileDown?: () => void | Promise<void>): Promise<void>;
}

export async function clockedGoal(options: {
  script: Script;
  config?: ConfigInput;
}): Promise<ClockedGoal> {
  const folder = await tempFolder();
  const repository = await makeRepository(join(folder.path, 'repo'), { 'a.txt': 'one\n' });
  const model = await startModelServer({ script: options.script });
  const home = join(folder.path, 'h');
  const paths = homePaths({ home, env: {}, cwd: '/' });
  await mkdir(home, { recursive: true });
  if (options.config !== undefined) await writeFile(paths.config, JSON.stringify(options.config));
  const clock = new ManualClock(Date.now());
  const start = (): Promise<Daemon> =>
    create(
      {
        paths,
        listen: [{ kind: 'websocket', host: '127.0.0.1', port: 0 }],
        withoutAuth: false,
        env: {
          PATH: process.env['PATH'] ?? '',
          OPENAI_BASE_URL: model.url,
          OPENAI_API_KEY: 'sk-test',
        },
        cwd: repository,
      },
      { clock },
    );
  const connect = async (): Promise<RpcClient> =>
    RpcClient.connect(daemon.endpoints[0] ?? '', (await readFile(paths.token, 'utf8')).trim());
  let daemon = await start();
  const client = await connect();
  const { thread } = await client.request(requests.threadStart, { cwd: repository });
  const setup: ClockedGoal = {
    clock,
    model,
    repository,
    threadId: thread.id,
    client,
    goal: async () => {
      const { goal } = await setup.client.request(requests.threadGoalGet, { threadId: thread.id });
      if (goal === null) throw new Error('there is no goal');
      return goal;
    },
    waiting: () =>
      eventually('the goal waits', async () => {
        const goal = await setup.goal();
        return goal.phase === 'waiting' && goal.waitingFor !== null && goal;
      }),
    turnsUsed: async (count) => {
      await eventually('the next turn', async () => {
        const goal = await setup.goal();
        return goal.turnsUsed >= count || goal.status !== 'active';
      });
    },
    stopped: () =>
      eventually('the goal stopped', async () => {
        const goal = await setup.goal();
        return goal.status !== 'active' && goal;
      }),
    restart: async (whileDown) => {
      await setup.client[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
      await whileDown?.();
      daemon = await start();
      setup.client = await connect();
    },
    [Symbol.asyncDispose]: async () => {
      await setup.client[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
  return setup;
}
