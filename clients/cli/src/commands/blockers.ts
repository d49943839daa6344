import type { Command } from 'commander';
import { requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { pickGoal } from '../goals/pick-goal.js';
import { commandLines } from '../output/next-commands.js';
import { blockerLines } from '../output/people-text.js';
import { answerCommand } from '../output/question-text.js';
import { oneLine } from '../output/text.js';
import { type RunCommand, THREAD_HELP } from './shared.js';

interface BlockersFlags {
  readonly json?: true;
}

export function registerBlockers(program: Command, app: App, run: RunCommand): void {
  program
    .command('blockers')
    .summary('what a goal asks, and what stands in its way')
    .argument('[thread]', THREAD_HELP)
    .option('--json', 'one JSON object a line')
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      await run(() => blockers(app, command.optsWithGlobals<BlockersFlags & GlobalFlags>(), ref));
    });
}

async function blockers(
  app: App,
  flags: BlockersFlags & GlobalFlags,
  ref: string | undefined,
): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: false });
  const goal = await pickGoal(client, { ref, cwd: terminal.cwd, complete: 'too' });
  const { threadId } = goal;
  const { data } = await client.request(requests.goalBlockerList, { threadId });
  if (flags.json === true) {
    await terminal.write(data.map((blocker) => `${JSON.stringify(blocker)}\n`).join(''));
    return EXIT.complete;
  }
  const open = data.some((blocker) => !blocker.resolved);
  const lines = data.length === 0 ? ['  Nothing.'] : blockerLines(data, terminal.paint);
  const next = open ? `\n${commandLines([[answerCommand(threadId), 'answer the newest']])}` : '';
  await terminal.write(
    `${terminal.paint.bold(oneLine(goal.objective))}\n${lines.join('\n')}\n${next}`,
  );
  return EXIT.complete;
}
