import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config, HomePaths } from '@goald/protocol';
import * as z from 'zod';
import { ageText, bytesText, fail, ok, warn, type Check } from './finding.js';

const LEAST_NODE = [20, 19] as const;
const FEW_BYTES = 1_000_000_000;
const TOO_FEW_BYTES = 50_000_000;
const DAY_MS = 86_400_000;
const ERROR_LEVEL = 50;
const GIT_TIMEOUT_MS = 5000;

export interface MachineChecksOptions {
  readonly paths: HomePaths;
  readonly nodeVersion: string;
  readonly nowMs: number;
  readonly path: string | undefined;
  /** Processes that commands of this home have left, or still run. */
  readonly processes: () => readonly number[];
  readonly isRunning: () => Promise<boolean>;
  readonly sandbox: () => Promise<SandboxFacts>;
  /** Of the configuration; null: it is not valid. */
  readonly sandboxConfig: () => Promise<Config['sandbox'] | null>;
}

/** What a try of the sandbox found. */
export interface SandboxFacts {
  /** Why nothing can be confined here, and what to do; null: it can. */
  readonly problem: string | null;
  /** What does not hold although the rest does. */
  readonly limits: readonly string[];
}

/** What goald needs of the machine it runs on. */
export function machineChecks(options: MachineChecksOptions): readonly Check[] {
  const { paths } = options;
  return [
    { id: 'node', run: () => nodeFinding(options.nodeVersion) },
    { id: 'disk', run: () => diskFinding(paths.state) },
    { id: 'git', run: () => gitFinding(options.path) },
    { id: 'sandbox', run: () => sandboxFinding(options) },
    { id: 'processes', run: () => processesFinding(options) },
    { id: 'log', run: () => logFinding(paths.logs, options.nowMs) },
  ];
}

function nodeFinding(version: string): ReturnType<Check['run']> {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const isEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return isEnough
    ? ok(`Node ${version}`)
    : fail(`Node ${version} is too old`, `Install Node ${LEAST_NODE.join('.')} or newer.`);
}

function diskFinding(folder: string): ReturnType<Check['run']> {
  const { bavail, bsize } = statfsSync(nearest(folder));
  const free = bavail * bsize;
  if (free < TOO_FEW_BYTES) return fail(`${bytesText(free)} free`, 'Free some space: goals wait.');
  return free < FEW_BYTES
    ? warn(`${bytesText(free)} free`, 'Free some space before goals have to wait for it.')
    : ok(`${bytesText(free)} free`);
}

/** The folder, or the first one above it that is there. */
function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder));
}

function gitFinding(path: string | undefined): ReturnType<Check['run']> {
  const version = versionOf('git', path);
  return version === null
    ? warn('git is not on PATH', 'Install git: agents and most verification commands want it.')
    : ok(version);
}

/** What the probe found, in the words of what a command can and cannot do here. */
async function sandboxFinding(options: MachineChecksOptions): Promise<ReturnType<typeof ok>> {
  const { problem, limits } = await options.sandbox();
  const config = await options.sandboxConfig();
  const mode = config?.mode ?? 'auto';
  if (problem === null) {
    const who = versionOf('bwrap', options.path) ?? 'sandbox-exec';
    const what = mode === 'auto' ? 'workspace-write' : mode;
    const folder =
      config?.writableGit === true
        ? 'their folder and its .git'
        : 'their folder, but not its .git,';
    const network = config?.network === true ? 'the network, but' : 'no network,';
    const rest =
      what === 'danger-full-access'
        ? 'config.json asks for danger-full-access: commands run with your own rights'
        : `${what} unless asked otherwise: commands change ${what === 'read-only' ? 'nothing' : folder} and see ${network} no secrets of your home and nothing of goald`;
    return ok([`enforced by ${who}; ${rest}`, ...limits].join('; '));
  }
  return mode === 'auto' || mode === 'danger-full-access'
    ? warn(
        `none: commands run with your own rights. ${problem}`,
        'Do that, or run goald in a container.',
      )
    : fail(
        `config.json asks for ${mode}, and nothing runs without it. ${problem}`,
        'Do that, or change sandbox.mode.',
      );
}

function versionOf(program: string, path: string | undefined): string | null {
  const { status, stdout } = spawnSync(program, ['--version'], {
    encoding: 'utf8',
    timeout: GIT_TIMEOUT_MS,
    env: { PATH: path },
  });
  return status === 0 ? (stdout.split('\n', 1)[0] ?? '') : null;
}

async function processesFinding(options: MachineChecksOptions): Promise<ReturnType<typeof ok>> {
  const pids = options.processes();
  if (pids.length === 0) return ok('none left behind');
  const what = `${String(pids.length)} of this home: ${pids.join(' ')}`;
  return (await options.isRunning())
    ? ok(`${what}, started by the daemon`)
    : warn(`${what}, left behind`, 'The next start ends them: goal daemon start.');
}

const logLineSchema = z.object({ level: z.number(), time: z.number(), msg: z.string().optional() });

function logFinding(folder: string, nowMs: number): ReturnType<Check['run']> {
  const file = join(folder, 'goald.log');
  if (!existsSync(file)) return ok(`${folder} has none yet`);
  const errors = readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => errorIn(line))
    .filter(({ time }) => nowMs - time < DAY_MS);
  const last = errors.at(-1);
  return last === undefined
    ? ok(file)
    : warn(
        `${String(errors.length)} errors in the last 24 h, the last one ${ageText(nowMs - last.time)} ago: ${(last.msg ?? '').slice(0, 200)}`,
        `Read ${file}.`,
      );
}

function errorIn(line: string): z.infer<typeof logLineSchema>[] {
  // Most lines are no errors: these are not read.
  if (!/"level":[5-9]\d/.test(line)) return [];
  try {
    const read = logLineSchema.safeParse(JSON.parse(line));
    return read.success && read.data.level >= ERROR_LEVEL ? [read.data] : [];
  } catch {
    return [];
  }
}
