import { type ClientCapabilities, type ClientInfo, notifications, requests } from '@goald/protocol';
import { DEFAULT_RECONNECT, type ReconnectPolicy } from './backoff.js';
import { GoaldClient, type ServerGreeting } from './client.js';
import { ensureDaemon, type LaunchOptions } from './daemon-launcher.js';
import { type Endpoint, parseEndpoint, readToken } from './endpoint.js';
import { GoaldError } from './errors.js';
import { type HomeOptions, pathsOf } from './home.js';
import { Link } from './link.js';
import { openSocket } from './open-socket.js';
import { Session, type SessionEnd } from './session.js';

export interface ConnectOptions extends HomeOptions {
  /** `unix://`, `unix://PATH` or `ws://HOST:PORT`. Default: the home's Unix socket. */
  readonly endpoint?: string | undefined;
  /** Bearer token for ws://. Default on loopback: the home's token. */
  readonly token?: string | undefined;
  readonly clientInfo: ClientInfo;
  readonly capabilities?: ClientCapabilities | undefined;
  /** Start the home's daemon when it does not answer, also when it went away later. Only for the home's own socket. Default false. */
  readonly autoStart?: boolean | undefined;
  /** How the daemon is started; see LaunchOptions. */
  readonly launch?: Pick<LaunchOptions, 'command' | 'deadlineMs'> | undefined;
  /** How a lost connection is taken up again; false: not at all, the client closes. */
  readonly reconnect?: Partial<ReconnectOptions> | false | undefined;
  /** Gives the first connection up. */
  readonly signal?: AbortSignal | undefined;
}

export interface ReconnectOptions extends ReconnectPolicy {
  /** With autoStart: whether a daemon that shut down in good order is started again too, or only one that crashed. Default true. */
  readonly startAfterShutdown: boolean;
}

// WebSocket close codes of a server that leaves on purpose.
const GOODBYE_CODES: readonly number[] = [1000, 1001, 1012];

/**
 * Connects to a daemon and introduces this client. Rejects with GoaldError: `unreachable` (nobody answers; tried once), `unauthorized`,
 * `daemon_failed` (autoStart), or what the daemon answered to initialize.
 */
export async function connect(options: ConnectOptions): Promise<GoaldClient> {
  const paths = pathsOf(options);
  const endpoint = parseEndpoint(options.endpoint ?? 'unix://', paths);
  const ours = endpoint.kind === 'unix' && endpoint.path === paths.socket;
  const reconnect = options.reconnect === false ? null : (options.reconnect ?? {});
  const startAfterShutdown = reconnect?.startAfterShutdown ?? true;
  const policy = reconnect === null ? null : { ...DEFAULT_RECONNECT, ...reconnect };
  const greeted: { value: ServerGreeting | null } = { value: null };

  const open = async (signal: AbortSignal, previous: SessionEnd | null): Promise<Session> => {
    const shutDown = previous !== null && GOODBYE_CODES.includes(previous.code);
    if (options.autoStart === true && ours && (startAfterShutdown || !shutDown)) {
      await ensureDaemon({ ...options, ...options.launch, signal });
    }
    const token = options.token ?? (wantsToken(endpoint) ? await readToken(paths) : null);
    const session = new Session(await openSocket(endpoint, token, signal));
    try {
      greeted.value = await introduce(session, options, signal);
      return session;
    } catch (error) {
      session[Symbol.dispose]();
      throw error;
    }
  };

  const link = new Link(open, policy);
  const client = new GoaldClient(link, () => {
    if (greeted.value === null) throw new GoaldError('client_closed', 'Not connected yet.');
    return greeted.value;
  });
  await link.start(options.signal);
  return client;
}

function wantsToken(endpoint: Endpoint): boolean {
  return endpoint.kind === 'ws' && endpoint.loopback;
}

async function introduce(
  session: Session,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<ServerGreeting> {
  const { clientInfo, capabilities } = options;
  const answer = await session.request(
    requests.initialize.method,
    { clientInfo, capabilities },
    signal,
  );
  const greeting = requests.initialize.result.safeParse(answer);
  if (!greeting.success) {
    throw new GoaldError(
      'invalid_answer',
      `What answers there is no goald daemon: ${greeting.error.message}`,
    );
  }
  await session.notify(notifications.initialized.method, {});
  return greeting.data;
}
