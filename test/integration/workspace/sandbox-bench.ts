import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { configSchema } from '@goald/protocol';
import type { CommandRequest, CommandResult } from '@goald/server/engine/ports/commands.js';
import type { Confinement } from '@goald/server/engine/ports/confinement.js';
import { ShellCommandRunner } from '@goald/server/workspace/command-runner.js';
import { probeSandbox } from '@goald/server/workspace/sandbox/probe.js';
import { Sandbox } from '@goald/server/workspace/sandbox/sandbox.js';
import { tempFolder } from '../../helpers/temp-folder.js';

export interface SandboxBench extends AsyncDisposable {
  /** Absolute: the thread's folder, below a home of its own. */
  readonly cwd: string;
  readonly home: string;
  readonly turnId: string;
  readonly sandbox: Sandbox;
  readonly runner: ShellCommandRunner;
  confinement(more?: Partial<Confinement>): Confinement;
  run(command: string, more?: Partial<CommandRequest>): Promise<CommandResult>;
}

/** A confined runner over a home of its own. Throws, with what to install, where nothing can be confined. */
export async function sandboxBench(config: object = {}): Promise<SandboxBench> {
  const folder = await tempFolder();
  const home = join(folder.path, 'home');
  const cwd = join(home, 'project');
  const state = join(home, '.local', 'state', 'goald');
  await mkdir(cwd, { recursive: true });
  await mkdir(join(state, 'outputs', 'thread'), { recursive: true });
  const env = { ...process.env, HOME: home };
  const privateFolder = join(state, 'sandbox');
  const { program, support } = await probeSandbox({ env, folder: privateFolder, keeps: false });
  if (support.problem !== null) throw new Error(support.problem);
  const settings = configSchema.parse({ sandbox: config }).sandbox;
  const sandbox = new Sandbox({
    program,
    support,
    config: () => settings,
    env,
    own: [state],
    worktrees: join(state, 'worktrees'),
    outputs: join(state, 'outputs'),
    privateFolder,
  });
  const runner = new ShellCommandRunner({
    sandbox,
    homeId: `home-${randomUUID()}`,
    stopGraceMs: 2000,
    env,
  });
  const turnId = `turn-${randomUUID()}`;
  const confinement = (more: Partial<Confinement> = {}): Confinement => ({
    mode: 'workspace-write',
    network: false,
    writableRoots: [cwd],
    writableGit: false,
    cwd,
    owner: 'thread',
    ...more,
  });
  return {
    cwd,
    home,
    turnId,
    sandbox,
    runner,
    confinement,
    run: (command, more) =>
      runner.run({
        command,
        cwd,
        turnId,
        timeoutMs: 20_000,
        confinement: confinement(),
        signal: new AbortController().signal,
        ...more,
      }),
    [Symbol.asyncDispose]: async () => {
      await runner.killTurn(turnId);
      await folder[Symbol.asyncDispose]();
    },
  };
}
