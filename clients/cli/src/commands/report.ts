import type { Command } from 'commander';
import { requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { pickGoal } from '../goals/pick-goal.js';
import { reportText } from '../output/report-text.js';
import { type RunCommand, THREAD_HELP } from './shared.js';

interface ReportFlags {
  readonly json?: true;
  readonly diff?: true;
}

export function registerReport(program: Command, app: App, run: RunCommand): void {
  program
    .command('report')
    .summary('what a goal did and what it cost')
    .argument('[thread]', THREAD_HELP)
    .option('--diff', 'with the whole diff')
    .option('--json', 'print as JSON')
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      await run(() => report(app, command.optsWithGlobals<ReportFlags & GlobalFlags>(), ref));
    });
}

async function report(
  app: App,
  flags: ReportFlags & GlobalFlags,
  ref: string | undefined,
): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: false });
  const { goalId } = await pickGoal(client, { ref, cwd: terminal.cwd, complete: 'too' });
  const answer = await client.request(requests.goalReport, { goalId });
  await terminal.write(
    flags.json === true
      ? `${JSON.stringify(answer.report)}\n`
      : reportText(answer.report, terminal.paint, { diff: flags.diff === true }),
  );
  return EXIT.complete;
}
