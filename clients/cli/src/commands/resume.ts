import type { Command } from 'commander';
import { isGoaldError } from '@goald/client';
import { requests, serviceTierSchema } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { parseAmount, parseCount, parseUsd } from '../args/amounts.js';
import { parseDuration } from '../args/durations.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CommandError } from '../failures.js';
import { originOf } from '../goals/origin.js';
import { pickGoal } from '../goals/pick-goal.js';
import { describeGoal } from '../output/goal-text.js';
import { commandLines, raiseCommand } from '../output/next-commands.js';
import { parsed, type RunCommand, THREAD_HELP } from './shared.js';

interface ResumeFlags {
  readonly addTokens?: number;
  readonly addCost?: number;
  readonly fast?: boolean;
  readonly addTime?: number;
  readonly addTurns?: number;
}

export function registerResume(program: Command, app: App, run: RunCommand): void {
  program
    .command('resume')
    .summary('let a goal go on, with more budget if asked')
    .argument('[thread]', THREAD_HELP)
    .option('--add-tokens <tokens>', 'raise the token budget: 50k', parsed(parseAmount))
    .option('--add-cost <usd>', 'raise the cost budget, in US dollars: 1.50', parsed(parseUsd))
    .option('--add-time <duration>', 'raise the time budget: 1h', parsed(parseDuration))
    .option('--add-turns <n>', 'raise the number of turns', parsed(parseCount))
    .option('--fast', 'from now on ask for the priority tier')
    .option('--no-fast', 'from now on ask for the standard tier')
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      await run(() => resume(app, command.optsWithGlobals<ResumeFlags & GlobalFlags>(), ref));
    });
}

async function resume(
  app: App,
  flags: ResumeFlags & GlobalFlags,
  ref: string | undefined,
): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: true });
  const { threadId } = await pickGoal(client, { ref, cwd: terminal.cwd, complete: 'never' });
  if (flags.fast !== undefined) {
    const { fast, default: standard } = serviceTierSchema.enum;
    const serviceTier = flags.fast ? fast : standard;
    await client.request(requests.threadResume, { threadId, serviceTier, excludeTurns: true });
  }
  const resumed = client.request(requests.threadGoalResume, {
    threadId,
    origin: originOf(app, client),
    addTokens: flags.addTokens,
    addCostUsd: flags.addCost,
    addSeconds: flags.addTime,
    addTurns: flags.addTurns,
  });
  const { goal } = await resumed.catch((error: unknown) => {
    throw withRaise(threadId, error);
  });
  await terminal.write(describeGoal(goal, terminal.paint));
  return EXIT.complete;
}

/** The daemon names fields of its API; a person needs the flag. */
function withRaise(threadId: string, error: unknown): unknown {
  if (!isGoaldError(error) || error.code !== 'budget_exhausted') return error;
  const command = commandLines([raiseCommand(threadId, error.data['budget'])]);
  return new CommandError(`${error.message}\n${command.trimEnd()}`);
}
