import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, type ConnectOptions, type GoaldClient } from '@goald/client';
import { onTestFinished } from 'vitest';
import { TinyDaemon } from './tiny-daemon.js';

const FAST = { giveUpAfterMs: 10_000, baseMs: 1, maxMs: 20 } as const;

/** A folder of its own, removed after the test. Its name holds what breaks careless addressing. */
export async function temporaryHome(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'goald c: 100%-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface Rig {
  readonly home: string;
  readonly socket: string;
  readonly daemon: TinyDaemon;
}

/** A daemon that listens on its home's socket until the test ends. */
export async function tinyDaemon(): Promise<Rig> {
  const home = await temporaryHome();
  const socket = path.join(home, 'goald.sock');
  const daemon = new TinyDaemon();
  await daemon.listen({ path: socket });
  onTestFinished(() => daemon.close());
  return { home, socket, daemon };
}

/** A client of that home, closed when the test ends. */
export async function clientOf(
  home: string,
  options: Partial<ConnectOptions> = {},
): Promise<GoaldClient> {
  const client = await connect({
    home,
    env: {},
    clientInfo: { name: 'test', version: '0' },
    reconnect: FAST,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** Numbers in [0, 1) that are the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
