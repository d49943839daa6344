import type { Command } from 'commander';
import { requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { originOf } from '../goals/origin.js';
import { pickGoal } from '../goals/pick-goal.js';
import { describeGoal } from '../output/goal-text.js';
import { type RunCommand, THREAD_HELP } from './shared.js';

export function registerPause(program: Command, app: App, run: RunCommand): void {
  program
    .command('pause')
    .summary('stop a goal for now')
    .description(
      'Stops the turn in flight, with every process of it. Nothing goes on until you resume.',
    )
    .argument('[thread]', THREAD_HELP)
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      await run(() => pause(app, command.optsWithGlobals<GlobalFlags>(), ref));
    });
}

async function pause(app: App, flags: GlobalFlags, ref: string | undefined): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: false });
  const { threadId } = await pickGoal(client, { ref, cwd: terminal.cwd, complete: 'never' });
  const { goal } = await client.request(requests.threadGoalPause, {
    threadId,
    origin: originOf(app, client),
  });
  await terminal.write(describeGoal(goal, terminal.paint));
  return EXIT.complete;
}
