import { existsSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '@goald/protocol';
import type { Confinement, SandboxSupport } from '../../engine/ports/confinement.js';
import { bubblewrapArguments } from './bubblewrap.js';
import { Guards } from './guards.js';
import { FILTER_FD, STATUS_FD, type Launch } from './launch.js';
import { NestedCache } from './nested-cache.js';
import { sandboxEnvironment } from './sandbox-environment.js';
import type { SandboxProgram } from './sandbox-program.js';
import { seatbeltProfile } from './seatbelt.js';
import { openFilter } from './syscall-filter.js';
import { PRIVATE_NAMES, viewOf } from './view.js';
import { realOrNull } from './real-path.js';
import type { ViewRule } from '../../engine/ports/view-rules.js';

export interface SandboxOptions {
  /** What confines here, as the probe found it; null: nothing. */
  readonly program: SandboxProgram | null;
  readonly support: SandboxSupport;
  readonly config: () => Config['sandbox'];
  readonly env: NodeJS.ProcessEnv;
  /** Folders and files of the daemon itself: state, configuration, sockets. */
  readonly own: readonly string[];
  readonly worktrees: string;
  /** Absolute folder of outputs; each thread's is `<folder>/<thread>`. */
  readonly outputs: string;
  /** Absolute folder for what threads keep of their own. */
  readonly privateFolder: string;
}

/** The kernel counts threads like processes: programs of many threads must not be stopped for them. */
const THREADS_EACH = 4;
/** File in which a sandbox tells the next one what it may have left. */
export function guardRecord(privateFolder: string): string {
  return join(privateFolder, 'guards.json');
}

/** Confines commands as a Confinement says, by what this machine has for it. */
export class Sandbox {
  readonly #options: SandboxOptions;
  readonly #guards: Guards;
  readonly #nested = new NestedCache();

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#guards = new Guards(guardRecord(options.privateFolder));
  }

  get support(): SandboxSupport {
    return this.#options.support;
  }

  /** What the commands of a confinement see. Throws UnprotectableError. */
  view(confinement: Confinement): readonly ViewRule[] {
    const { env, own, worktrees, outputs, privateFolder, config } = this.#options;
    const { readable, hidden } = config();
    return viewOf(confinement, {
      ...{ env, own, worktrees, privateFolder, readable, hidden },
      outputs: join(outputs, confinement.owner),
      nested: (root) => this.#nested.of(root),
    });
  }

  /**
   * The same for files that the daemon itself reads for a confinement; null: all that the daemon does. Its own view of processes and
   * devices is not theirs.
   */
  fileView(confinement: Confinement): readonly ViewRule[] | null {
    if (confinement.mode === 'danger-full-access') return null;
    const notOurs = ['/proc', '/dev'].map((path): ViewRule => ({ path, access: 'none' }));
    return [...this.view(confinement), ...notOurs];
  }

  /** Looks up what takes long, so that `launch` need not. */
  async prepare({ mode, writableGit, writableRoots }: Confinement): Promise<void> {
    if (mode === 'danger-full-access' || writableGit) return;
    const roots = writableRoots.flatMap((root) => realOrNull(root) ?? []);
    await Promise.all(roots.map((root) => this.#nested.prepare(root)));
  }

  /** How a command is started so that it is confined. Throws when that cannot be: it must not be started then. */
  launch(confinement: Confinement, command: { env: NodeJS.ProcessEnv; cwd: string }): Launch {
    const { program, support, config } = this.#options;
    if (program === null) throw new Error(support.problem ?? 'There is no sandbox here.');
    const rules = this.view(confinement);
    const temporary = this.#makeFolders(confinement.owner);
    const isBubblewrap = program.kind === 'bubblewrap';
    const env = sandboxEnvironment(command.env, {
      temporary: isBubblewrap ? '/tmp' : temporary,
      kept: config().environment,
    });
    const { maxProcesses } = config();
    const limits = program.kind === 'bubblewrap' && program.limitsTasks;
    const shared = {
      ...{ env, cwd: '/', isSandbox: true, maxProcesses, files: [] },
      maxTasks: limits ? maxProcesses * THREADS_EACH : null,
    };
    const { network } = confinement;
    if (!isBubblewrap) {
      const profile = seatbeltProfile({ rules, network });
      return {
        ...shared,
        file: program.path,
        args: ['-p', profile],
        cwd: command.cwd,
        [Symbol.dispose]: () => undefined,
      };
    }
    const { asRoot, sharesProc, filters, path } = program;
    const args = bubblewrapArguments({
      ...{ rules, network, cwd: command.cwd, asRoot, sharesProc, statusFd: STATUS_FD },
      filterFd: filters ? FILTER_FD : null,
    });
    const filter = filters ? openFilter(this.#options.privateFolder) : null;
    const held = this.#guards.hold(rules);
    return {
      ...shared,
      file: path,
      args: [...args, '--'],
      files: filter === null ? [] : [filter.fd],
      [Symbol.dispose]: () => {
        filter?.[Symbol.dispose]();
        held[Symbol.dispose]();
      },
    };
  }

  /** Removes what a thread kept of its own. */
  async forget(threadId: string): Promise<void> {
    const folder = join(this.#options.privateFolder, threadId);
    // What resists is in nobody's way.
    await rm(folder, { recursive: true, force: true, maxRetries: 2 }).catch(() => undefined);
  }

  /** Makes the folders a thread keeps; answers the one for temporary files. */
  #makeFolders(owner: string): string {
    const folder = join(this.#options.privateFolder, owner);
    const missing = PRIVATE_NAMES.filter((name) => !existsSync(join(folder, name)));
    for (const name of missing) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    return join(folder, 'tmp');
  }
}
