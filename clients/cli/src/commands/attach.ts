import type { Command } from 'commander';
import { requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { exitOf, printEnd, stayAttached } from '../goals/attached.js';
import { pickGoal } from '../goals/pick-goal.js';
import { pendingApproval } from '../output/approval-text.js';
import { oneLine } from '../output/text.js';
import { askHere, canBeAsked } from '../people/ask-here.js';
import { turnInFlight } from '../progress/follow.js';
import { type RunCommand, THREAD_HELP } from './shared.js';

interface AttachFlags {
  readonly json?: true;
}

export function registerAttach(program: Command, app: App, run: RunCommand): void {
  program
    .command('attach')
    .summary('watch a goal at work until it stops')
    .description(
      'Shows a goal at work until it stops, asks what its agent asks, and exits with its code. Ctrl-C detaches; the goal goes on.',
    )
    .argument('[thread]', THREAD_HELP)
    .option('--json', 'print events as JSON lines')
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      await run(() => attach(app, command.optsWithGlobals<AttachFlags & GlobalFlags>(), ref));
    });
}

async function attach(
  app: App,
  flags: AttachFlags & GlobalFlags,
  ref: string | undefined,
): Promise<ExitCode> {
  const { terminal } = app;
  const json = flags.json === true;
  const asks = !json && canBeAsked(terminal);
  await using client = await openClient(app, flags, { start: false, asks });
  using person = asks ? askHere(app, client) : null;
  const { threadId } = await pickGoal(client, { ref, cwd: terminal.cwd, complete: 'too' });
  await using stream = client.events({ threadIds: [threadId] });
  await stream.ready;
  await client.request(requests.threadResume, { threadId, excludeTurns: true });
  const { goal } = await client.request(requests.threadGoalGet, { threadId });
  if (goal === null) {
    terminal.writeError('That goal was cleared.\n');
    return EXIT.cleared;
  }
  // What waits for a decision is asked here and now.
  const decides = asks && pendingApproval(goal) !== undefined;
  if (goal.status !== 'active' && !decides) {
    const end = { kind: 'stopped', goal } as const;
    await printEnd(app, client, goal, end);
    return exitOf(end);
  }
  if (!json) {
    await terminal.write(`${terminal.paint.bold(oneLine(goal.objective))}\n`);
  }
  const turnOpen = turnInFlight(goal);
  const end = await stayAttached(app, client, { goal, stream, turnOpen, json, person });
  if (!json || end.kind === 'detached') await printEnd(app, client, goal, end);
  return exitOf(end);
}
