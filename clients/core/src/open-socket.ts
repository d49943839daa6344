import { connect as connectSocket } from 'node:net';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { type Endpoint, endpointName } from './endpoint.js';
import { GoaldError } from './errors.js';

const HANDSHAKE_TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Opens a WebSocket to the endpoint. Rejects with `unreachable`, or with `unauthorized` when the daemon refuses the token. */
export function openSocket(
  endpoint: Endpoint,
  token: string | null,
  signal?: AbortSignal,
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(endpoint.kind === 'unix' ? 'ws://localhost/' : endpoint.url, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: MAX_MESSAGE_BYTES * 4,
      perMessageDeflate: false,
      // Not ws+unix: URLs, which cannot hold a path with a colon, a blank or a percent sign.
      ...(endpoint.kind === 'unix'
        ? { createConnection: () => connectSocket({ path: endpoint.path }) }
        : {}),
    });
    const onAbort = (): void => {
      socket.terminate();
    };
    const finish = (settle: () => void): void => {
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('open', () => {
      finish(() => {
        resolve(socket);
      });
    });
    socket.on('error', (error) => {
      finish(() => {
        reject(unreachable(endpoint, error));
      });
    });
    socket.once('unexpected-response', (request: ClientRequest, response: IncomingMessage) => {
      request.destroy();
      finish(() => {
        reject(refused(endpoint, response.statusCode ?? 0));
      });
    });
  });
}

function unreachable(endpoint: Endpoint, cause: Error): GoaldError {
  const name = endpointName(endpoint);
  const tooLong = 'code' in cause && cause.code === 'EINVAL' && endpoint.kind === 'unix';
  const message = tooLong
    ? `The socket path ${name} is too long for this system: use a shorter home.`
    : `No goald daemon answers at ${name} (${cause.message}). Start it with: goal daemon start`;
  return new GoaldError('unreachable', message, { cause });
}

function refused(endpoint: Endpoint, status: number): GoaldError {
  const name = endpointName(endpoint);
  if (status === 401 || status === 403) {
    return new GoaldError(
      'unauthorized',
      `The daemon at ${name} refused the connection (HTTP ${String(status)}): pass its token, which \`goal token\` prints.`,
      { data: { status } },
    );
  }
  return new GoaldError(
    'unreachable',
    `${name} answered HTTP ${String(status)}: it is no goald endpoint.`,
    { data: { status } },
  );
}
