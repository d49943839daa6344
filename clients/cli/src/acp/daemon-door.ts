import { connect, ensureDaemon, type GoaldClient, GoaldError } from '@goald/client';
import type { ClientCapabilities, Origin } from '@goald/protocol';
import { type App, type GlobalFlags, homeOf } from '../app.js';
import { originOf } from '../goals/origin.js';
import { CLI_VERSION } from '../version.js';
import { EventHub } from './event-hub.js';

/** How long a request of the user waits for a daemon that cannot be reached, in milliseconds. */
const REACH_MS = 20_000;

/** The daemon as sessions use it. */
export interface Daemon {
  readonly client: GoaldClient;
  readonly events: EventHub;
  readonly origin: Origin;
}

export interface DoorOptions {
  /** What the user can be asked; read when the connection is made. */
  readonly capabilities: () => ClientCapabilities;
  /** A connection was made. */
  readonly onOpen: (client: GoaldClient) => void;
  readonly onProblem: (error: unknown) => void;
}

/**
 * The way to the daemon: opened with the first session and kept, over crashes and restarts. A daemon that was stopped on purpose stays
 * stopped until the user asks for something.
 */
export class DaemonDoor implements AsyncDisposable {
  readonly #app: App;
  readonly #flags: GlobalFlags;
  readonly #options: DoorOptions;
  readonly #closed = new AbortController();
  #opened: Promise<Daemon> | null = null;

  constructor(app: App, flags: GlobalFlags, options: DoorOptions) {
    this.#app = app;
    this.#flags = flags;
    this.#options = options;
  }

  /** The daemon, started if need be, with a connection that stands. Rejects with GoaldError when it cannot be reached. */
  async reach(): Promise<Daemon> {
    const daemon = await this.#open();
    const { client } = daemon;
    if (client.state.status === 'connected') return daemon;
    if (this.#flags.endpoint === undefined) await ensureDaemon(homeOf(this.#app, this.#flags));
    await connected(client, AbortSignal.any([AbortSignal.timeout(REACH_MS), this.#closed.signal]));
    return daemon;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    const daemon = await this.#opened?.catch(() => null);
    await daemon?.client.close();
  }

  #open(): Promise<Daemon> {
    if (this.#opened === null) {
      const opened = this.#connect();
      // The next one who asks tries again.
      opened.catch(() => {
        if (this.#opened === opened) this.#opened = null;
      });
      this.#opened = opened;
    }
    return this.#opened;
  }

  async #connect(): Promise<Daemon> {
    const { endpoint } = this.#flags;
    const client = await connect({
      ...homeOf(this.#app, this.#flags),
      endpoint,
      clientInfo: { name: 'goal-acp', title: 'goal acp', version: CLI_VERSION },
      capabilities: this.#options.capabilities(),
      autoStart: endpoint === undefined,
      reconnect: { startAfterShutdown: false, giveUpAfterMs: Number.POSITIVE_INFINITY },
      signal: this.#closed.signal,
    });
    this.#options.onOpen(client);
    const events = new EventHub(client, this.#options.onProblem);
    try {
      await events.start();
    } catch (error) {
      await client.close();
      throw error;
    }
    return { client, events, origin: originOf(this.#app, client) };
  }
}

/** Resolves when the connection stands. */
async function connected(client: GoaldClient, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      const { state } = client;
      if (state.status === 'connected') end(resolve);
      if (state.status === 'closed' || signal.aborted) {
        const error = state.status === 'closed' ? state.error : null;
        end(() => {
          reject(error ?? unreachable());
        });
      }
    };
    const listener = client.onState(look);
    const end = (settle: () => void): void => {
      listener[Symbol.dispose]();
      signal.removeEventListener('abort', look);
      settle();
    };
    signal.addEventListener('abort', look);
    look();
  });
}

function unreachable(): GoaldError {
  return new GoaldError(
    'unreachable',
    'The goald daemon cannot be reached. See whether it runs: goal daemon status',
  );
}
