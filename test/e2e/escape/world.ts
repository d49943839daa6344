import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type ListenOptions, type Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { configSchema, type SandboxMode } from '@goald/protocol';
import { unconfined, type Confinement } from '@goald/server/engine/ports/confinement.js';
import { ShellCommandRunner } from '@goald/server/workspace/command-runner.js';
import { probeSandbox } from '@goald/server/workspace/sandbox/probe.js';
import { Sandbox } from '@goald/server/workspace/sandbox/sandbox.js';

/** A user's machine in small: a home with secrets, a project in it, a daemon's folder, sockets, a process of the user's. */
export interface EscapeWorld extends AsyncDisposable {
  readonly home: string;
  /** The thread's folder: a repository with a submodule. */
  readonly project: string;
  /** Beside the project, in the home: nobody's business. */
  readonly outside: string;
  /** The daemon's folder. */
  readonly state: string;
  /** A word that stands in every secret, and nowhere else. */
  readonly secret: string;
  /** What reached the sockets and ports of the user. */
  readonly heard: string[];
  readonly maxProcesses: number;
  /** Runs a script; what it leaves running has `waitMs` before it is ended as at the end of a turn. */
  run(mode: SandboxMode, script: string, options?: RunOptions): Promise<string>;
  read(path: string): string | null;
  /** Puts everything as it was. */
  reset(): void;
}

export interface RunOptions {
  readonly waitMs?: number | undefined;
  /** Folders that may be changed, the first one is where it runs; default: the project. */
  readonly folders?: readonly string[] | undefined;
}

const MAX_PROCESSES = 40;

export async function escapeWorld(): Promise<EscapeWorld> {
  // Not below /tmp: that is hidden as a whole, and nothing else would be tried.
  const inRepository = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache');
  const parent = /^\/(?:var\/)?tmp\//.test(inRepository) ? join(homedir(), '.cache') : inRepository;
  mkdirSync(parent, { recursive: true });
  const top = mkdtempSync(join(parent, 'escape-'));
  const shared = mkdtempSync(join(tmpdir(), 'goald-escape-'));
  const secret = `secret-${randomUUID()}`;
  const place = {
    home: join(top, 'home'),
    project: join(top, 'home', 'project'),
    outside: join(top, 'home', 'outside'),
    state: join(top, 'home', '.local', 'state', 'goald'),
    runtime: join(top, 'run'),
  };
  const heard: string[] = [];
  const servers: Server[] = [];
  const listen = async (options: ListenOptions, name: string): Promise<AddressInfo | null> => {
    const server = createServer((socket) => {
      heard.push(name);
      socket.on('error', () => undefined);
      socket.end(`${secret}\n`);
    });
    servers.push(server);
    await new Promise<void>((fulfil, reject) => {
      server.once('error', reject);
      server.listen(options, fulfil);
    });
    const address = server.address();
    return typeof address === 'string' ? null : address;
  };
  build(place, secret);
  const abstractName = `goald-escape-${randomUUID()}`;
  const daemonSocket = join(place.state, 'goald.sock');
  const sessionSocket = join(place.runtime, 'bus');
  const agentSocket = join(shared, 'agent.sock');
  const tcp = await listen({ port: 0, host: '127.0.0.1' }, 'tcp');
  await listen({ path: daemonSocket }, 'daemon socket');
  await listen({ path: sessionSocket }, 'session socket');
  await listen({ path: agentSocket }, 'agent socket');
  await listen({ path: `\0${abstractName}` }, 'abstract socket');
  mkdirSync(join(place.home, 'agent'));
  await listen({ path: join(place.home, 'agent', 'sock') }, 'home socket');
  const victim = startVictim(secret);
  const fifo = join(top, 'run', 'fifo');
  spawnSync('sh', ['-c', 'mkfifo "$0"', fifo]);
  const reader = spawn(
    'bash',
    [
      '-c',
      'while :; do read -r line < "$1" && echo "$line" >> "$2"; done',
      'sh',
      fifo,
      join(top, 'fifo-heard'),
    ],
    { stdio: 'ignore' },
  );
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: place.home,
    PATH: `${join(place.home, '.local', 'bin')}:${process.env['PATH'] ?? ''}`,
    GITHUB_TOKEN: secret,
    AWS_SECRET_ACCESS_KEY: secret,
    STRIPE_SECRET_KEY: secret,
    PGPASSWORD: secret,
    npm_config__authToken: secret,
    DATABASE_URL: `postgres://user:${secret}@db.example.org/x`,
    SSH_AUTH_SOCK: agentSocket,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${sessionSocket}`,
    XDG_RUNTIME_DIR: place.runtime,
    OUTSIDE: place.outside,
    STATE: place.state,
    SHARED: shared,
    FIFO: fifo,
    RUNTIME: place.runtime,
    PORT: String(tcp?.port),
    DAEMON_SOCKET: daemonSocket,
    SESSION_SOCKET: sessionSocket,
    AGENT_SOCKET: agentSocket,
    ABSTRACT: abstractName,
    VICTIM: String(victim.pid),
    NODE: process.execPath,
  };
  const config = configSchema.parse({
    sandbox: { maxProcesses: MAX_PROCESSES, hidden: [place.runtime] },
  }).sandbox;
  const privateFolder = join(place.state, 'sandbox');
  const { program, support } = await probeSandbox({ env, folder: privateFolder, keeps: false });
  if (support.problem !== null) throw new Error(support.problem);
  const sandbox = new Sandbox({
    program,
    support,
    config: () => config,
    env,
    own: [place.state, join(place.home, '.config', 'goald')],
    worktrees: join(place.home, 'worktrees'),
    outputs: join(place.state, 'outputs'),
    privateFolder,
  });
  const runner = new ShellCommandRunner({
    sandbox,
    homeId: `home-${randomUUID()}`,
    stopGraceMs: 200,
    env,
  });
  const confinement = (mode: SandboxMode, folders: readonly string[]): Confinement => ({
    ...unconfined(folders[0] ?? place.project, 'thread'),
    ...(mode === 'danger-full-access'
      ? {}
      : {
          mode,
          network: false,
          writableGit: false,
          writableRoots: mode === 'read-only' ? [] : folders,
        }),
  });
  return {
    ...place,
    secret,
    heard,
    maxProcesses: MAX_PROCESSES,
    run: async (mode, script, { waitMs = 0, folders = [place.project] } = {}) => {
      const turnId = `turn-${randomUUID()}`;
      const { output } = await runner.run({
        command: script,
        cwd: folders[0] ?? place.project,
        turnId,
        timeoutMs: 20_000,
        confinement: confinement(mode, folders),
        signal: new AbortController().signal,
      });
      await delay(waitMs);
      await runner.killTurn(turnId);
      return output;
    },
    read: (path) => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return null;
      }
    },
    reset: () => {
      heard.length = 0;
      // What listens stays.
      for (const name of readdirSync(place.home)) {
        if (name === '.local' || name === 'agent') continue;
        rmSync(join(place.home, name), { recursive: true, force: true });
      }
      rmSync(join(top, 'fifo-heard'), { force: true });
      build(place, secret);
    },
    [Symbol.asyncDispose]: async () => {
      victim.kill('SIGKILL');
      reader.kill('SIGKILL');
      for (const server of servers) server.close();
      await Promise.resolve();
      for (const folder of [top, shared]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startVictim(secret: string): ChildProcess {
  return spawn('sleep', ['1000'], { stdio: 'ignore', env: { VICTIM_SECRET: secret }, cwd: '/' });
}

interface Place {
  readonly home: string;
  readonly project: string;
  readonly outside: string;
  readonly state: string;
  readonly runtime: string;
}

function build({ home, project, outside, state, runtime }: Place, secret: string): void {
  const files: Record<string, string> = {
    [join(home, '.ssh', 'id_ed25519')]: secret,
    [join(home, '.aws', 'credentials')]: secret,
    [join(home, '.netrc')]: secret,
    [join(home, '.npmrc')]: secret,
    [join(home, '.config', 'gh', 'hosts.yml')]: secret,
    [join(home, '.cargo', 'credentials.toml')]: secret,
    [join(home, '.cargo', 'bin', 'tool')]: '#!/bin/sh\n',
    [join(home, '.local', 'bin', 'tool')]: '#!/bin/sh\necho a tool\n',
    [join(home, '.bashrc')]: '# mine\n',
    [join(home, '.config', 'autostart', 'x.desktop')]: '',
    [join(state, 'token')]: secret,
    [join(state, 'goald.db')]: secret,
    [join(state, 'config.json')]: secret,
    [join(state, 'outputs', 'other-thread', 'x.txt')]: secret,
    [join(outside, 'kept')]: `kept ${secret}`,
    [join(outside, 'sub', 'kept')]: 'kept',
    [join(project, 'file')]: 'a file\n',
    [join(project, '.git', 'HEAD')]: 'ref: refs/heads/main\n',
    [join(project, '.git', 'config')]: '[core]\n\tbare = false\n',
    [join(project, '.git', 'hooks', 'sample')]: '',
    [join(project, '.git', 'objects', 'keep')]: '',
    [join(project, '.git', 'refs', 'keep')]: '',
    [join(project, 'deep', 'module', '.git')]: 'gitdir: ../../.git/modules/module\n',
    [join(project, 'deep', 'module', 'file')]: '',
    [join(project, 'deep', 'module', '.goald', 'config.json')]: '{}\n',
    [join(project, 'further', 'out', 'file')]: '',
    [join(project, '.git', 'modules', 'module', 'HEAD')]: 'ref: refs/heads/main\n',
    [join(project, '.git', 'modules', 'module', 'config')]: '[core]\n',
    [join(runtime, 'keep')]: '',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: path.includes('bin') ? 0o755 : 0o600 });
  }
}
