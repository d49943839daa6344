import type { Command } from 'commander';
import { requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { pickGoal } from '../goals/pick-goal.js';
import { runLines } from '../output/verification-text.js';
import { clean } from '../output/text.js';
import { type RunCommand, THREAD_HELP } from './shared.js';

interface VerifyFlags {
  readonly json?: true;
}

export function registerVerify(program: Command, app: App, run: RunCommand): void {
  program
    .command('verify')
    .summary('run the verification of a goal now, without a model')
    .description(
      'Exits with 0 when every command passed, else with 1. The goal stays as it is. Ctrl-C ends the commands.',
    )
    .argument('[thread]', THREAD_HELP)
    .option('--json', 'print the run as JSON')
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      await run(() => verify(app, command.optsWithGlobals<VerifyFlags & GlobalFlags>(), ref));
    });
}

async function verify(
  app: App,
  flags: VerifyFlags & GlobalFlags,
  ref: string | undefined,
): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: false });
  const { threadId } = await pickGoal(client, { ref, cwd: terminal.cwd, complete: 'too' });
  const { run } = await client.request(requests.goalVerify, { threadId });
  const failed = run.results.filter((result) => result.exitCode !== 0);
  const digests = failed.map((result) => `\n${result.name}:\n${clean(result.digest).trimEnd()}\n`);
  await terminal.write(
    flags.json === true
      ? `${JSON.stringify(run)}\n`
      : `${runLines(run).join('\n')}\n${digests.join('')}`,
  );
  return run.status === 'passed' ? EXIT.complete : EXIT.failure;
}
