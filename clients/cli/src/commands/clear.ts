import type { Command } from 'commander';
import { requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { originOf } from '../goals/origin.js';
import { pickGoal } from '../goals/pick-goal.js';
import { oneLine } from '../output/text.js';
import { type RunCommand, THREAD_HELP } from './shared.js';

export function registerClear(program: Command, app: App, run: RunCommand): void {
  program
    .command('clear')
    .summary('give a goal up')
    .description(
      'Removes the goal and stops its turn. The files stay as they are; its events stay in the log.',
    )
    .argument('[thread]', THREAD_HELP)
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      await run(() => clear(app, command.optsWithGlobals<GlobalFlags>(), ref));
    });
}

async function clear(app: App, flags: GlobalFlags, ref: string | undefined): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: false });
  const goal = await pickGoal(client, { ref, cwd: terminal.cwd, complete: 'never' });
  const { threadId } = goal;
  const { cleared } = await client.request(requests.threadGoalClear, {
    threadId,
    origin: originOf(app, client),
  });
  await terminal.write(cleared ? `Cleared: ${oneLine(goal.objective)}\n` : 'There was no goal.\n');
  return EXIT.complete;
}
