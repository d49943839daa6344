import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { SandboxSupport } from '../../engine/ports/confinement.js';
import { bubblewrapArguments } from './bubblewrap.js';
import { FILTER_FD, STATUS_FD } from './launch.js';
import {
  findProgram,
  INSTALL_ADVICE,
  limitsTasks,
  uidOutside,
  type SandboxProgram,
} from './sandbox-program.js';
import { openFilter } from './syscall-filter.js';

export interface ProbeResult {
  readonly program: SandboxProgram | null;
  readonly support: SandboxSupport;
}

export interface ProbeOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Absolute folder that is the daemon's own: the probe works in it, and keeps what it found there; null: nothing is kept. */
  readonly folder: string;
  readonly keeps: boolean;
  readonly platform?: NodeJS.Platform;
}

const TIMEOUT_MS = 15_000;
const SECRET = 'hidden-from-commands';

/** What a confined shell tries. Each line it prints is something that must not be so; the last says that it came to its end. */
const TRIES = `
echo inside > "$1/work/new" || echo 'the working folder cannot be written'
(echo outside > "$1/outside") 2>/dev/null && echo 'a file outside of the working folder can be written'
(mount -o remount,rw / && echo outside > "$1/outside") 2>/dev/null && echo 'the file system can be mounted anew'
read -r secret 2>/dev/null < "$1/secret/token" && echo 'what is hidden can be read'
(read -r line < "/proc/$2/environ") 2>/dev/null && echo 'the environment of the daemon can be read'
(read -r line < "/proc/$2/root/etc/hostname") 2>/dev/null && echo 'the files of the daemon can be reached through /proc'
lines=0; while read -r line; do lines=$((lines+1)); done < /proc/net/dev
[ "$lines" -le 3 ] || echo 'there is a network'
while read -r name value; do [ "$name" = CapEff: ] && [ "$value" != 0000000000000000 ] && echo 'privileges are left'; done < /proc/self/status
echo done
`;

/** What not every machine can do, the best first. */
const WAYS = [
  { sharesProc: false, filters: true },
  { sharesProc: true, filters: true },
  { sharesProc: false, filters: false },
  { sharesProc: true, filters: false },
] as const;
type Way = { readonly [Name in keyof (typeof WAYS)[number]]: boolean };

const cacheSchema = z.object({ key: z.string(), sharesProc: z.boolean(), filters: z.boolean() });

/** Tries what this machine has for a sandbox, once for each of its versions and each kernel. Never rejects. */
export async function probeSandbox(options: ProbeOptions): Promise<ProbeResult> {
  const platform = options.platform ?? process.platform;
  try {
    if (platform === 'linux') return await probeBubblewrap(options);
    if (platform === 'darwin') return await probeSeatbelt();
    return without('This system has no sandbox that goald knows: run goald inside a container.');
  } catch (error) {
    return without(
      `The sandbox could not be tried: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

function without(problem: string): ProbeResult {
  return { program: null, support: { problem } };
}

async function probeBubblewrap(options: ProbeOptions): Promise<ProbeResult> {
  const path = findProgram('bwrap', options.env['PATH']);
  if (path === null) return without(`bubblewrap is not installed. ${INSTALL_ADVICE}`);
  const asRoot = process.getuid?.() === 0;
  const key = keyOf(path);
  const file = join(options.folder, 'probe.json');
  const found = ({ sharesProc, filters }: Way): ProbeResult => ({
    program: {
      ...{ kind: 'bubblewrap', path, asRoot, sharesProc, filters },
      limitsTasks: limitsTasks(release(), uidOutside()),
    },
    support: { problem: null },
  });
  const kept = options.keeps ? readKept(file) : null;
  if (kept?.key === key) return found(kept);
  const failures: string[] = [];
  for (const way of WAYS) {
    const failure = await tryOnce({ path, asRoot, ...way, folder: options.folder });
    if (failure === null) {
      if (options.keeps) writeFileSync(file, JSON.stringify({ key, ...way }), { mode: 0o600 });
      return found(way);
    }
    failures.push(failure);
  }
  return without(
    `bubblewrap (${path}) does not hold here: ${[...new Set(failures)].join('; ')}. ${adviceFor()}`,
  );
}

/** Where user namespaces are switched off, bubblewrap cannot work for an ordinary user. */
function adviceFor(): string {
  const settings = [
    [
      'kernel/apparmor_restrict_unprivileged_userns',
      '1',
      'sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap',
    ],
    ['kernel/unprivileged_userns_clone', '0', 'sysctl kernel.unprivileged_userns_clone=1'],
    ['user/max_user_namespaces', '0', 'sysctl user.max_user_namespaces=10000'],
  ] as const;
  const wrong = settings.find(([name, value]) => sysctl(name) === value);
  return wrong === undefined
    ? 'In a container, it has to be started with user namespaces allowed.'
    : `This system forbids user namespaces: an administrator allows them with ${wrong[2]}.`;
}

function sysctl(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch {
    return null;
  }
}

function keyOf(path: string): string {
  const { size, mtimeMs, ino } = statSync(path);
  const names = [
    'kernel/apparmor_restrict_unprivileged_userns',
    'kernel/unprivileged_userns_clone',
    'user/max_user_namespaces',
  ];
  const uid = process.getuid?.() ?? null;
  return JSON.stringify([2, path, size, mtimeMs, ino, release(), uid, names.map(sysctl)]);
}

function readKept(file: string): z.infer<typeof cacheSchema> | null {
  try {
    return cacheSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** null: it holds. Else what is wrong. */
async function tryOnce(options: {
  path: string;
  asRoot: boolean;
  sharesProc: boolean;
  filters: boolean;
  folder: string;
}): Promise<string | null> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const place = mkdtempSync(join(options.folder, 'probe-'));
  try {
    for (const name of ['work', 'secret']) mkdirSync(join(place, name));
    writeFileSync(join(place, 'secret', 'token'), SECRET);
    const args = bubblewrapArguments({
      rules: [
        { path: '/', access: 'read' },
        { path: join(place, 'work'), access: 'write' },
        { path: join(place, 'secret'), access: 'none' },
      ],
      network: false,
      cwd: join(place, 'work'),
      asRoot: options.asRoot,
      sharesProc: options.sharesProc,
      filterFd: options.filters ? FILTER_FD : null,
      statusFd: STATUS_FD,
    });
    const shell = ['--', '/bin/sh', '-c', TRIES, 'sh', place, String(process.pid)];
    using filter = openFilter(options.folder);
    const { output, errors } = await run(options.path, [...args, ...shell], filter.fd);
    const lines = output.split('\n').filter((line) => line !== '');
    if (lines.at(-1) !== 'done') return errors.trim().split('\n').at(-1) ?? 'it does not start';
    return lines.length === 1 ? null : lines.slice(0, -1).join(', ');
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

async function probeSeatbelt(): Promise<ProbeResult> {
  const path = '/usr/bin/sandbox-exec';
  const { output } = await run(path, ['-p', '(version 1)(allow default)', '/bin/echo', 'done']);
  if (output.trim() !== 'done') return without(`${path} does not work on this system.`);
  return { program: { kind: 'seatbelt', path }, support: { problem: null } };
}

function run(
  file: string,
  args: readonly string[],
  ...files: readonly number[]
): Promise<{ output: string; errors: string }> {
  return new Promise((fulfil) => {
    const texts = { output: '', errors: '' };
    const child = spawn(file, args, {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...files],
      detached: true,
    });
    const timer = setTimeout(() => {
      texts.errors += 'it does not come to an end';
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, TIMEOUT_MS);
    for (const [index, name] of [
      [1, 'output'],
      [2, 'errors'],
      [STATUS_FD, null],
    ] as const) {
      child.stdio[index]?.on('data', (data: Buffer) => {
        if (name !== null) texts[name] += data.toString();
      });
    }
    child.once('error', (error) => {
      clearTimeout(timer);
      texts.errors += error.message;
      fulfil(texts);
    });
    child.once('close', () => {
      clearTimeout(timer);
      fulfil(texts);
    });
  });
}
