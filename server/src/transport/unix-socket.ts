import { lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';

/** What the smallest of the systems we run on leaves for the path of a socket (macOS: 104 with the final zero). */
const MAX_SOCKET_PATH_BYTES = 103;
const PROBE_TIMEOUT_MS = 1000;

/** A Unix socket cannot be opened; the message says what to do. */
export class UnixSocketError extends Error {
  override readonly name = 'UnixSocketError';
}

/**
 * Makes `path` free to bind: its folder exists (0700 if made here) and a socket file nobody answers on is removed. Throws
 * UnixSocketError when the path is too long, taken by another kind of file, or a process answers on it.
 */
export async function prepareSocketPath(path: string): Promise<void> {
  const length = Buffer.byteLength(path);
  if (length > MAX_SOCKET_PATH_BYTES) {
    throw new UnixSocketError(
      `The socket path ${path} has ${length} bytes; at most ${MAX_SOCKET_PATH_BYTES} work. ` +
        'Choose a shorter one with --listen unix://PATH, --home or XDG_RUNTIME_DIR.',
    );
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const existing = lstatSync(path, { throwIfNoEntry: false });
  if (existing === undefined) return;
  if (!existing.isSocket()) {
    throw new UnixSocketError(`${path} exists and is not a socket. Remove it or listen elsewhere.`);
  }
  if (await somebodyAnswers(path)) {
    throw new UnixSocketError(
      `Another process listens on ${path}. Stop it first (goal daemon stop) or listen elsewhere.`,
    );
  }
  unlinkSync(path);
}

/** Only a refused connection proves that nobody is there; whatever else happens, the file is left alone. */
function somebodyAnswers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => {
      settle(true);
    });
    socket.once('connect', () => {
      settle(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      settle(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
