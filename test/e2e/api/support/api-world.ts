import { join } from 'node:path';
import { requests, type ConfigInput, type Goal, type ParamsInput } from '@goald/protocol';
import { startDaemon, type DaemonProcess } from '../../../helpers/daemon/daemon-process.js';
import { makeRepository } from '../../../helpers/git-repository.js';
import { QUICK } from '../../../helpers/goal-setup.js';
import {
  sequence,
  startModelServer,
  type ModelServer,
  type RecordedRequest,
  type Script,
  type ScriptedReply,
} from '../../../helpers/model-server/index.js';
import { RpcClient } from '../../../helpers/rpc/rpc-client.js';
import { tempFolder, type TempFolder } from '../../../helpers/temp-folder.js';

type GoalParams = Omit<ParamsInput<typeof requests.threadGoalSet>, 'threadId'>;

/** A thread in a repository of its own, with a script of its own. */
export interface Place {
  readonly threadId: string;
  readonly repository: string;
  /** Model requests of this thread so far. */
  asked(): readonly RecordedRequest[];
  setScript(script: Script): void;
  setGoal(params: GoalParams, client?: RpcClient): Promise<Goal>;
  /** The goal when it has stopped. */
  stopped(): Promise<Goal>;
  goal(): Promise<Goal | null>;
}

/** One daemon for the tests of a file, with a client on each transport; each test makes threads of its own. */
export class ApiWorld implements AsyncDisposable {
  readonly home: string;
  readonly daemon: DaemonProcess;
  readonly model: ModelServer;
  /** Over WebSocket. */
  readonly ws: RpcClient;
  /** Over the Unix socket. */
  readonly unix: RpcClient;
  readonly #folder: TempFolder;
  readonly #scripts: Map<string, Script>;
  #places = 0;

  private constructor(parts: {
    home: string;
    daemon: DaemonProcess;
    model: ModelServer;
    ws: RpcClient;
    unix: RpcClient;
    folder: TempFolder;
    scripts: Map<string, Script>;
  }) {
    this.home = parts.home;
    this.daemon = parts.daemon;
    this.model = parts.model;
    this.ws = parts.ws;
    this.unix = parts.unix;
    this.#folder = parts.folder;
    this.#scripts = parts.scripts;
  }

  static async start(config: ConfigInput = QUICK): Promise<ApiWorld> {
    const folder = await tempFolder();
    const scripts = new Map<string, Script>();
    const model = await startModelServer({
      script: (request) => {
        // Chat Completions has no cache key: there a world has one thread.
        const script = scripts.get(threadOf(request)) ?? [...scripts.values()][0];
        if (script === undefined) throw new Error('no script for this thread');
        return script(request);
      },
    });
    const home = join(folder.path, 'h');
    const daemon = await startDaemon({
      home,
      config,
      env: { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'sk-test' },
    });
    const ws = await RpcClient.connect(daemon.wsUrl, await daemon.token(), 'on-ws');
    const unix = await RpcClient.connect(`unix://${daemon.paths.socket}`, undefined, 'on-unix');
    return new ApiWorld({ home, daemon, model, ws, unix, folder, scripts });
  }

  /** Another client over WebSocket. */
  async another(): Promise<RpcClient> {
    return RpcClient.connect(this.daemon.wsUrl, await this.daemon.token(), 'another');
  }

  /** A client that asks a person, over WebSocket. */
  async person(name = 'person'): Promise<RpcClient> {
    return RpcClient.connect(this.daemon.wsUrl, await this.daemon.token(), name, {
      requiredHumanApproval: true,
    });
  }

  /** What the model answers a thread that was not made by `place`. */
  answer(threadId: string, ...replies: readonly ScriptedReply[]): void {
    this.#scripts.set(threadId, sequence(...replies));
  }

  /** A folder of this world; not made. */
  path(name: string): string {
    return join(this.#folder.path, name);
  }

  /** A new thread of a client; that client is subscribed to it. */
  async place(
    script: Script,
    options: {
      readonly client?: RpcClient;
      readonly files?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Place> {
    const client = options.client ?? this.ws;
    this.#places += 1;
    const folder = this.path(`r${String(this.#places)}`);
    const repository = await makeRepository(folder, options.files ?? { 'a.txt': 'one\n' });
    const { thread } = await client.request(requests.threadStart, { cwd: repository });
    const threadId = thread.id;
    this.#scripts.set(threadId, script);
    return {
      threadId,
      repository,
      asked: () => this.model.requests.filter((request) => threadOf(request) === threadId),
      setScript: (next) => {
        this.#scripts.set(threadId, next);
      },
      setGoal: async (params, by = client) => {
        const set = { threadId, origin: 'user' as const, ...params };
        return (await by.request(requests.threadGoalSet, set)).goal;
      },
      stopped: async () => {
        const { goal, timedOut } = await client.request(requests.goalWait, {
          threadId,
          timeoutMs: 15_000,
        });
        if (goal === null || timedOut) throw new Error(`not stopped: ${JSON.stringify(goal)}`);
        return goal;
      },
      goal: async () => (await client.request(requests.threadGoalGet, { threadId })).goal,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ws[Symbol.asyncDispose]();
    await this.unix[Symbol.asyncDispose]();
    await this.daemon[Symbol.asyncDispose]();
    await this.model[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** The daemon gives each thread a prompt cache key of its own: the thread's id. */
function threadOf(request: { readonly body: Readonly<Record<string, unknown>> }): string {
  return String(request.body['prompt_cache_key']);
}
