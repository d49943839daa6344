import { type Command, Option } from 'commander';
import { lintObjective } from '@goald/client';
import {
  APPROVAL_POLICIES,
  type ApprovalPolicy,
  approvalPolicySchema,
  SANDBOX_MODES,
  type SandboxMode,
} from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { parseAmount, parseCount, parseUsd } from '../args/amounts.js';
import { parseDuration } from '../args/durations.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CommandError, UsageError } from '../failures.js';
import { exitOf, printEnd, stayAttached } from '../goals/attached.js';
import { existingFolder } from '../goals/existing-folder.js';
import { originOf } from '../goals/origin.js';
import { askForTrust } from '../goals/trust.js';
import { type RunRequest, startGoal } from '../goals/start-goal.js';
import { suggestChecks } from '../goals/suggest-checks.js';
import { askHere, canBeAsked } from '../people/ask-here.js';
import { sandboxLine } from '../output/sandbox-text.js';
import { lintHint } from '../output/lint-text.js';
import { collect, parsed, type RunCommand } from './shared.js';

interface RunFlags {
  readonly budget?: number;
  readonly cost?: number;
  readonly fast?: true;
  readonly approvals?: ApprovalPolicy;
  readonly time?: number;
  readonly turns?: number;
  readonly verify: readonly string[];
  readonly sandbox?: SandboxMode;
  readonly network?: boolean;
  readonly cwd?: string;
  readonly name?: string;
  readonly wait?: true;
  readonly json?: true;
  readonly yes?: true;
}

export function registerRun(program: Command, app: App, run: RunCommand): void {
  program
    .command('run')
    .summary('set a goal in this folder and watch it work')
    .description(
      'Sets a goal in this folder. On a terminal it shows the agent at work until the goal stops and asks what it asks; Ctrl-C detaches and the goal goes on. ' +
        'Without a terminal it prints the thread id and returns; --wait stays to the end and exits with the goal’s code.',
    )
    .argument('<objective>', 'what shall be true in the end')
    .option('--budget <tokens>', 'most tokens it may use: 50k, 1.5M', parsed(parseAmount))
    .option(
      '--cost <usd>',
      'most it may cost, in US dollars: 2.50 (needs pricing in config.json)',
      parsed(parseUsd),
    )
    .option('--time <duration>', 'longest time it may work: 90s, 15m, 2h', parsed(parseDuration))
    .option('--turns <n>', 'most turns it may take', parsed(parseCount))
    .option(
      '--verify <command>',
      'command that must exit 0 before the goal counts as complete; repeatable',
      collect,
      [],
    )
    .option('--fast', 'ask the provider for its priority tier: sooner, and dearer')
    .option(
      '--approvals <policy>',
      'what is asked before it runs: never, on-request or untrusted (default: approvals.policy of config.json)',
      parsed(parsePolicy),
    )
    .addOption(
      new Option(
        '--sandbox <mode>',
        'what its commands may reach (default: as configured)',
      ).choices(SANDBOX_MODES),
    )
    .option('--network', 'let commands in the sandbox use the network')
    .option('--no-network', 'do not, whatever the configuration says')
    .option('--cwd <dir>', 'folder to work in (default: this one)')
    .option('--name <text>', 'name of the thread')
    .option('--wait', 'stay until the goal stops, also without a terminal')
    .option('--json', 'print events as JSON lines')
    .option('--yes', 'do not ask before files of the folder are changed')
    .action(async (objective: string, _flags: unknown, command: Command) => {
      await run(() => runGoal(app, command.optsWithGlobals<RunFlags & GlobalFlags>(), objective));
    });
}

async function runGoal(
  app: App,
  flags: RunFlags & GlobalFlags,
  objective: string,
): Promise<ExitCode> {
  if (objective.trim() === '') throw new UsageError('The objective is empty: say what to do.');
  const request: RunRequest = {
    objective,
    cwd: existingFolder(app.terminal.cwd, flags.cwd ?? '.'),
    verify: flags.verify,
    tokenBudget: flags.budget,
    costBudgetUsd: flags.cost,
    timeBudgetSeconds: flags.time,
    maxTurns: flags.turns,
    name: flags.name,
    fast: flags.fast === true,
    approvalPolicy: flags.approvals,
    sandbox: flags.sandbox,
    network: flags.network,
  };
  if (flags.yes !== true) await confirmInPlace(app, request.cwd);
  return carryOut(app, flags, request, {
    attached: app.terminal.isScreen || flags.wait === true,
    json: flags.json === true,
    mayAsk: flags.yes !== true && flags.json !== true,
  });
}

/** Sets the goal and, if attached, follows it to its end. */
async function carryOut(
  app: App,
  flags: GlobalFlags,
  request: RunRequest,
  mode: { attached: boolean; json: boolean; mayAsk: boolean },
): Promise<ExitCode> {
  const { terminal } = app;
  const asks = mode.attached && !mode.json && canBeAsked(terminal);
  await using client = await openClient(app, flags, { start: true, asks });
  using person = asks ? askHere(app, client) : null;
  await askForTrust(app, client, { cwd: request.cwd, mayAsk: mode.mayAsk });
  if (!mode.json) await hint(app, request);
  const { goal, stream, started } = await startGoal(client, {
    ...request,
    origin: originOf(app, client),
  });
  if (!mode.json) terminal.writeError(`${terminal.paint.dim(sandboxLine(started, goal))}\n`);
  if (!mode.attached) {
    await stream.return();
    await terminal.write(mode.json ? `${JSON.stringify(goal)}\n` : `${goal.threadId}\n`);
    return EXIT.complete;
  }
  const end = await stayAttached(app, client, {
    goal,
    stream,
    turnOpen: false,
    json: mode.json,
    person,
  });
  if (!mode.json || end.kind === 'detached') await printEnd(app, client, goal, end);
  return exitOf(end);
}

/** One line on stderr where the objective is weak. */
async function hint({ terminal }: App, { objective, verify, cwd }: RunRequest): Promise<void> {
  const suggested = await suggestChecks(cwd);
  const text = lintHint(lintObjective(objective, { verify, suggested }), suggested);
  if (text !== null) terminal.writeError(`${terminal.paint.dim(text)}\n`);
}

async function confirmInPlace(app: App, cwd: string): Promise<void> {
  if (!app.terminal.canAsk) {
    throw new UsageError(
      `goald will change files in ${cwd} directly, and there is no terminal to ask on: pass --yes.`,
    );
  }
  const answer = await app.terminal.ask(
    `goald will change files in ${cwd} directly. Continue? [y/N] `,
  );
  if (!/^y(es)?$/iu.test(answer?.trim() ?? '')) {
    throw new CommandError('No goal was set; nothing was changed.');
  }
}

function parsePolicy(text: string): ApprovalPolicy {
  const read = approvalPolicySchema.safeParse(text);
  if (read.success) return read.data;
  throw new UsageError(`The policy is one of ${APPROVAL_POLICIES.join(', ')}.`);
}
