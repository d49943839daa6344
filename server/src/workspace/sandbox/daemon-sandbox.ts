import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Config, HomePaths } from '@goald/protocol';
import { Guards } from './guards.js';
import { probeSandbox } from './probe.js';
import { guardRecord, Sandbox } from './sandbox.js';

/** The sandbox of a daemon: what the machine has, tried once, and the daemon's own things out of reach. Never rejects. */
export async function daemonSandbox(options: {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  /** Unix sockets the daemon listens on. */
  readonly sockets: readonly string[];
  /** Absolute folder of outputs. */
  readonly outputs: string;
  readonly config: () => Config['sandbox'];
}): Promise<Sandbox> {
  const { paths, env, sockets, outputs, config } = options;
  const privateFolder = join(paths.state, 'sandbox');
  Guards.sweep(guardRecord(privateFolder));
  const { program, support } = await probeSandbox({ env, folder: privateFolder, keeps: true });
  const own = [paths.state, dirname(paths.config), dirname(paths.socket), ...sockets];
  const { worktrees } = paths;
  return new Sandbox({ program, support, config, env, own, worktrees, outputs, privateFolder });
}

const KERNEL_LIMIT = 'the kernel holds each command to a number of processes';
const COUNTED =
  'processes of a command are counted a few times a second and ended when they are too many, which a fast bomb of forks outruns for a while';

/** Tries the sandbox of this machine and leaves nothing behind. Never rejects. */
export async function tryOut(
  env: NodeJS.ProcessEnv,
): Promise<{ problem: string | null; limits: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'goald-doctor-'));
  try {
    const { program, support } = await probeSandbox({ env, folder, keeps: false });
    const sharesProc = program?.kind === 'bubblewrap' && program.sharesProc;
    const limitsTasks = program?.kind === 'bubblewrap' && program.limitsTasks;
    const filters = program?.kind !== 'bubblewrap' || program.filters;
    const limits = [
      ...(program === null ? [] : [limitsTasks ? KERNEL_LIMIT : COUNTED]),
      ...(filters ? [] : ['keys in the keyring of the session can be read']),
      ...(sharesProc ? ['names and arguments of other processes can be seen'] : []),
      ...(program?.kind === 'bubblewrap' && program.asRoot
        ? ['goald runs as root, which it need not']
        : []),
    ];
    return { problem: support.problem, limits };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
