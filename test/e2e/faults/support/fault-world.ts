import { join } from 'node:path';
import {
  notifications,
  requests,
  type ConfigInput,
  type Goal,
  type ParamsOf,
  type ResultOf,
  type ThreadItem,
  type WireApi,
} from '@goald/protocol';
import { startDaemon, type DaemonProcess } from '../../../helpers/daemon/daemon-process.js';
import { makeRepository } from '../../../helpers/git-repository.js';
import { QUICK } from '../../../helpers/goal-setup.js';
import {
  startModelServer,
  type ModelServer,
  type RecordedRequest,
  type Script,
} from '../../../helpers/model-server/index.js';
import { RpcClient } from '../../../helpers/rpc/rpc-client.js';
import { tempFolder, type TempFolder } from '../../../helpers/temp-folder.js';

export const API_KEY = 'sk-faults-0123456789';

type Ledger = ResultOf<typeof requests.goalUsage>['data'];
type Events = ResultOf<typeof requests.goalEventsList>['data'];

/** What became of one goal. */
export interface FaultRun {
  readonly goal: Goal;
  readonly ledger: Ledger;
  readonly events: Events;
  /** The goal as clients were told it, in order. */
  readonly seen: readonly Goal[];
  readonly items: readonly ThreadItem[];
  readonly turns: readonly ParamsOf<typeof notifications.turnCompleted>['turn'][];
  readonly requests: readonly RecordedRequest[];
  readonly repository: string;
}

/** One daemon that speaks one wire API with a model that fails; each goal has a thread and a script of its own. */
export class FaultWorld implements AsyncDisposable {
  readonly model: ModelServer;
  readonly daemon: DaemonProcess;
  readonly #client: RpcClient;
  readonly #folder: TempFolder;
  readonly #scripts: Map<string, Script>;

  private constructor(parts: {
    model: ModelServer;
    daemon: DaemonProcess;
    client: RpcClient;
    folder: TempFolder;
    scripts: Map<string, Script>;
  }) {
    this.model = parts.model;
    this.daemon = parts.daemon;
    this.#client = parts.client;
    this.#folder = parts.folder;
    this.#scripts = parts.scripts;
  }

  static async start(wireApi: WireApi, model: ConfigInput['model'] = {}): Promise<FaultWorld> {
    const folder = await tempFolder();
    const scripts = new Map<string, Script>();
    const server = await startModelServer({
      script: (request) => {
        const script = scripts.get(nameIn(request.steering ?? ''));
        if (script === undefined) throw new Error('no script for this goal');
        return script(request);
      },
    });
    const daemon = await startDaemon({
      home: join(folder.path, 'h'),
      config: { ...QUICK, model: { wireApi, ...model } },
      env: { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: API_KEY },
    });
    const client = await RpcClient.connect(daemon.wsUrl, await daemon.token());
    return new FaultWorld({ model: server, daemon, client, folder, scripts });
  }

  /** Sets a goal and answers what became of it when it has stopped. `whileActive` may help it to get there. */
  async run(
    name: string,
    script: Script,
    whileActive?: (world: FaultWorld, threadId: string) => Promise<void>,
  ): Promise<FaultRun> {
    this.#scripts.set(name, script);
    const client = this.#client;
    const repository = await makeRepository(join(this.#folder.path, name), { 'a.txt': 'one\n' });
    const { thread } = await client.request(requests.threadStart, { cwd: repository });
    const threadId = thread.id;
    await client.request(requests.threadGoalSet, { threadId, objective: `Goal named ${name}.` });
    await whileActive?.(this, threadId);
    const { goal, timedOut } = await client.request(requests.goalWait, {
      threadId,
      timeoutMs: 25_000,
    });
    if (goal === null || timedOut) throw new Error(`not stopped: ${JSON.stringify(goal)}`);
    const here = <T extends { readonly threadId: string }>(all: readonly T[]): T[] =>
      all.filter((params) => params.threadId === threadId);
    // The last turn is told after the goal.
    await client.until(
      notifications.turnCompleted,
      ({ threadId: of, turn }) => of === threadId && turn.id === lastTurn(client, threadId),
    );
    const { data: ledger } = await client.request(requests.goalUsage, { threadId, limit: 200 });
    const { data: events } = await client.request(requests.goalEventsList, {
      threadId,
      limit: 1000,
    });
    const { goal: now } = await client.request(requests.threadGoalGet, { threadId });
    return {
      goal: now ?? goal,
      ledger,
      events,
      seen: here(client.all(notifications.threadGoalUpdated)).map((params) => params.goal),
      items: here(client.all(notifications.itemCompleted)).map((params) => params.item),
      turns: here(client.all(notifications.turnCompleted)).map((params) => params.turn),
      requests: this.model.requests.filter((request) => nameIn(request.rawBody) === name),
      repository,
    };
  }

  /** The goal of a thread once it fits. */
  async until(threadId: string, fits: (goal: Goal) => boolean): Promise<Goal> {
    const { goal } = await this.#client.until(
      notifications.threadGoalUpdated,
      (params) => params.threadId === threadId && fits(params.goal),
    );
    return goal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
    await this.daemon[Symbol.asyncDispose]();
    await this.model[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

function nameIn(text: string): string {
  return /Goal named ([a-z0-9-]+)\./.exec(text)?.[1] ?? '';
}

function lastTurn(client: RpcClient, threadId: string): string | undefined {
  return client
    .all(notifications.turnStarted)
    .filter((params) => params.threadId === threadId)
    .at(-1)?.turn.id;
}
