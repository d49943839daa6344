import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HomePaths } from '@goald/protocol';

const START_MS = 20_000;
const POLL_MS = 25;

export interface DetachedOptions {
  readonly paths: HomePaths;
  /** The --home flag, passed on. */
  readonly home: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** Makes sure that a daemon of this home answers on its socket, starting one that outlives this process if none does. */
export async function ensureDetachedDaemon({ paths, home, env }: DetachedOptions): Promise<void> {
  if (await answers(paths.socket)) return;
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const child = spawn(process.execPath, [main, ...(home === undefined ? [] : ['--home', home])], {
    detached: true,
    stdio: 'ignore',
    env,
  });
  child.unref();
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (await answers(paths.socket)) return;
    await delay(POLL_MS);
  }
  throw new Error(
    `The daemon did not answer on ${paths.socket} within 20 s. Its log is in ${paths.logs}.`,
  );
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
