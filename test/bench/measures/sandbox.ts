import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { configSchema, requests, type SandboxMode } from '@goald/protocol';
import { ShellCommandRunner } from '@goald/server/workspace/command-runner.js';
import { daemonSandbox } from '@goald/server/workspace/sandbox/daemon-sandbox.js';
import { findProgram } from '@goald/server/workspace/sandbox/sandbox-program.js';
import { goaldHome } from '../contestants/goald.js';
import type { Measure, Round } from '../measure.js';
import { median } from '../support/stats.js';

const THREAD = 'bench';
/** Bare recipe that confines: no hidden place, no cache, no guard of a thread. */
const FEWEST = [
  ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
  ...['--unshare-user', '--unshare-pid', '--unshare-net', '--cap-drop', 'ALL'],
  ...['--uid', '1000', '--gid', '1000', '--die-with-parent'],
] as const;

const WHY_MISSED =
  'most of it waits for the kernel to mount about forty places (what is hidden, caches, tools, the thread’s folder, .git), which takes the longer the busier the machine is.';

/** From asking for `true` to its result: as goald runs a command in its sandbox, beside the same without one and bubblewrap by itself. */
export const sandboxMeasure: Measure = {
  name: 'sandbox',
  metrics: () => [
    {
      id: 'sandbox.start',
      title: '`true` in workspace-write',
      unit: 'ms',
      target: { kind: 'timesBetter', atLeast: 2 },
      whyMissed: WHY_MISSED,
    },
    {
      id: 'sandbox.added',
      title: 'the same, beside no sandbox',
      unit: 'ms',
      baseline: '`true` in danger-full-access',
      target: { kind: 'above', atMost: 10 },
      whyMissed: WHY_MISSED,
    },
    {
      id: 'sandbox.bare',
      title: 'the same, beside bubblewrap',
      unit: 'ms',
      baseline: 'bubblewrap with the fewest options',
      target: { kind: 'share', of: 'baseline', atMost: 2 },
      whyMissed: WHY_MISSED,
    },
  ],
  run: async (round) => {
    round.step('a command in the sandbox');
    const folder = await round.fresh();
    const project = join(folder, 'project');
    await mkdir(join(project, '.git'), { recursive: true });
    const runTrue = await goaldRunner(folder, project);
    await using reference = await referenceRunner(round, folder, project);
    const times = { confined: [] as number[], free: [] as number[], bare: [] as number[] };
    const theirs: number[] = [];
    // The first of each pays for what later ones find in memory.
    for (let n = -1; n < round.sizes.sandboxed; n += 1) {
      const confined = await runTrue('workspace-write');
      const free = await runTrue('danger-full-access');
      const bare = await bareBubblewrap(project);
      const other = await reference?.run();
      if (n < 0) continue;
      times.confined.push(confined);
      times.free.push(free);
      times.bare.push(bare);
      if (other !== undefined) theirs.push(other);
    }
    const confined = median(times.confined);
    for (const id of ['sandbox.start', 'sandbox.added', 'sandbox.bare']) {
      round.record(id, 'goald', confined);
    }
    round.record('sandbox.added', 'baseline', median(times.free));
    round.record('sandbox.bare', 'baseline', median(times.bare));
    if (theirs.length > 0) round.record('sandbox.start', 'reference', median(theirs));
  },
};

/** Runs `true` by the command runner of a daemon, in a mode; answers milliseconds. */
async function goaldRunner(
  folder: string,
  project: string,
): Promise<(mode: SandboxMode) => Promise<number>> {
  const paths = goaldHome(folder);
  const config = configSchema.parse({}).sandbox;
  const { env } = process;
  const sandbox = await daemonSandbox({
    ...{ paths, env, sockets: [], outputs: join(paths.state, 'outputs') },
    config: () => config,
  });
  if (sandbox.support.problem !== null) throw new Error(sandbox.support.problem);
  const runner = new ShellCommandRunner({ homeId: THREAD, stopGraceMs: 500, env, sandbox });
  return async (mode) => {
    const start = performance.now();
    const { exitCode, output } = await runner.run({
      ...{ command: 'true', cwd: project, turnId: THREAD, timeoutMs: 60_000 },
      confinement: {
        ...{ mode, network: mode === 'danger-full-access', writableRoots: [project] },
        ...{ writableGit: false, cwd: project, owner: THREAD },
      },
      signal: new AbortController().signal,
    });
    if (exitCode !== 0) throw new Error(`true could not be run in ${mode}: ${output}`);
    return performance.now() - start;
  };
}

/** The shells that goald starts, confined by the fewest options that keep the machine from being changed; milliseconds. */
async function bareBubblewrap(project: string): Promise<number> {
  const shells = ['/bin/sh', '-c', 'exec "$0" -c "$1" 2>&1', 'bash', 'true'];
  const start = performance.now();
  const child = spawn(
    findProgram('bwrap', process.env['PATH']) ?? '',
    [...FEWEST, '--bind', project, project, '--', ...shells],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: project,
      detached: true,
    },
  );
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`bwrap ended with ${String(code)}.`);
  return performance.now() - start;
}

interface Runner extends AsyncDisposable {
  run(): Promise<number>;
}

/** The same command by the reference in its sandbox of the same name, asked for over its Unix socket; null: it is not measured. */
async function referenceRunner(
  round: Round,
  folder: string,
  project: string,
): Promise<Runner | null> {
  const contestant = round.contestants.find(({ side }) => side === 'reference');
  if (contestant === undefined) return null;
  const server = await contestant.start({ folder, transport: 'unix' });
  const peer = await server.connect();
  const params = {
    command: ['bash', '-c', 'true'],
    cwd: project,
    timeoutMs: 60_000,
    sandboxPolicy: {
      ...{ type: 'workspaceWrite', writableRoots: [project], networkAccess: false },
      ...{ excludeTmpdirEnvVar: true, excludeSlashTmp: true },
    },
  };
  return {
    run: async () => {
      const start = performance.now();
      const { exitCode } = await peer.request(requests.commandExec, params);
      if (exitCode !== 0) throw new Error(`The reference ended true with ${String(exitCode)}.`);
      return performance.now() - start;
    },
    [Symbol.asyncDispose]: async () => {
      peer[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
