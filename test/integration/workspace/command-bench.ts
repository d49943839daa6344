import { unconfined } from '@goald/server/engine/ports/confinement.js';
import { randomUUID } from 'node:crypto';
import type { CommandRequest, CommandResult } from '@goald/server/engine/ports/commands.js';
import {
  ShellCommandRunner,
  type ShellCommandRunnerOptions,
} from '@goald/server/workspace/command-runner.js';
import { tempFolder } from '../../helpers/temp-folder.js';

export interface CommandBench extends AsyncDisposable {
  readonly cwd: string;
  readonly homeId: string;
  readonly turnId: string;
  /** Stands in command lines, to find their processes by. */
  readonly mark: string;
  readonly runner: ShellCommandRunner;
  run(command: string, more?: Partial<CommandRequest>): Promise<CommandResult>;
}

/** A command runner with a folder, a turn and a mark of its own; disposing ends what is left of the turn. */
export async function commandBench(
  options: Partial<ShellCommandRunnerOptions> = {},
): Promise<CommandBench> {
  const folder = await tempFolder();
  const homeId = `home-${randomUUID()}`;
  const turnId = `turn-${randomUUID()}`;
  const runner = new ShellCommandRunner({
    homeId,
    stopGraceMs: 300,
    env: process.env,
    ...options,
  });
  return {
    cwd: folder.path,
    homeId,
    turnId,
    // sleep takes any number of seconds: a large odd one names its process.
    mark: String(100_000_000 + Math.floor(Math.random() * 900_000_000)),
    runner,
    run: (command, more) =>
      runner.run({
        command,
        cwd: folder.path,
        turnId,
        timeoutMs: 20_000,
        confinement: unconfined(folder.path, turnId),
        signal: new AbortController().signal,
        ...more,
      }),
    [Symbol.asyncDispose]: async () => {
      await runner.killTurn(turnId);
      await folder[Symbol.asyncDispose]();
    },
  };
}
