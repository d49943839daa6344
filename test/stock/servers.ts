import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { homePaths } from '@goald/protocol';
import { Child } from '../bench/support/child.js';
import { freePort } from '../bench/support/free-port.js';
import { goaldProgram } from '../bench/support/programs.js';
import { Peer } from '../bench/wire/peer.js';
import { eventually } from '../helpers/eventually.js';

export const SIDES = ['reference', 'goald'] as const;
export type Side = (typeof SIDES)[number];

/** A server that clients can attach to. */
export interface Server extends AsyncDisposable {
  readonly side: Side;
  readonly url: string;
  readonly token: string | null;
  /** State folder of a daemon that the CLI talks to; null for the reference. */
  readonly home: string | null;
  /** Address of its Unix socket. */
  readonly socket: string;
}

export interface ServerOptions {
  readonly folder: string;
  readonly modelUrl: string;
  /** Program of the reference. */
  readonly program: string;
}

export async function startServer(side: Side, options: ServerOptions): Promise<Server> {
  const port = await freePort();
  const url = `ws://127.0.0.1:${String(port)}`;
  return side === 'goald' ? startGoald(url, options) : startReference(url, options);
}

async function startGoald(url: string, { folder, modelUrl }: ServerOptions): Promise<Server> {
  const home = join(folder, 'h');
  const paths = homePaths({ home, env: {}, cwd: '/' });
  await mkdir(home, { recursive: true });
  const config = { model: { name: 'scripted' }, engine: { noProgressTurns: 1000 } };
  await writeFile(paths.config, JSON.stringify(config));
  const env = { HOME: homeOf(folder), OPENAI_API_KEY: 'sk-none', OPENAI_BASE_URL: modelUrl };
  const args = [goaldProgram(), '--home', home, '--listen', url, '--listen', 'unix://'];
  const child = new Child(process.execPath, args, env);
  const token = await eventually('goald is there', async () => {
    child.assertRunning();
    const text = await readFile(paths.token, 'utf8').catch(() => '');
    return text.trim() === '' || !(await answers(url, text.trim())) ? null : text.trim();
  });
  return {
    ...{ side: 'goald', url, token, home, socket: `unix://${paths.socket}` },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** The home of the user: commands in a sandbox write into one of their own there, so nothing else is kept in it. */
export function homeOf(folder: string): string {
  const home = join(folder, 'u');
  mkdirSync(home, { recursive: true });
  return home;
}

/** One process listens on one address only: two of them, each with a home of its own. */
async function startReference(
  url: string,
  { folder, modelUrl, program }: ServerOptions,
): Promise<Server> {
  const token = randomBytes(24).toString('hex');
  const tokenFile = join(folder, 'reference.token');
  await writeFile(tokenFile, token, { mode: 0o600 });
  const path = join(folder, 'reference.sock');
  const start = async (name: string, flags: readonly string[]): Promise<Child> => {
    const home = join(folder, name);
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'config.toml'), referenceConfig(modelUrl));
    return new Child(program, ['app-server', ...flags], { HOME: homeOf(folder), CODEX_HOME: home });
  };
  const auth = ['--ws-auth', 'capability-token', '--ws-token-file', tokenFile];
  const tcp = await start('r', ['--listen', url, ...auth]);
  const unix = await start('ru', ['--listen', `unix://${path}`]);
  await eventually('the reference is there', async () => {
    tcp.assertRunning();
    unix.assertRunning();
    return (await answers(url, token)) && existsSync(path);
  });
  return {
    ...{ side: 'reference', url, token, home: null, socket: `unix://${path}` },
    [Symbol.asyncDispose]: async () => {
      await tcp[Symbol.asyncDispose]();
      await unix[Symbol.asyncDispose]();
    },
  };
}

/** A client that says what it likes. */
export async function connectPeer(url: string, token: string | null): Promise<Peer> {
  const address = { port: Number(new URL(url).port) };
  return Peer.connect(token === null ? { address } : { address, token });
}

async function answers(url: string, token: string | null): Promise<boolean> {
  try {
    const peer = await connectPeer(url, token);
    peer[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}

function referenceConfig(modelUrl: string): string {
  return `model = "scripted"
model_provider = "openai-like"

[features]
goals = true

[model_providers.openai-like]
name = "openai-like"
base_url = "${modelUrl}"
wire_api = "responses"
requires_openai_auth = false
`;
}
