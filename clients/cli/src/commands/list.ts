import { type Command, Option } from 'commander';
import { GOAL_STATUSES, type GoalStatus } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { listFolderGoals, listGoals, type ListedGoal } from '../goals/list-goals.js';
import { formatAgo, formatTokens, formatUsd, shortId } from '../output/format.js';
import { paintStatus, statusText } from '../output/goal-text.js';
import { oneLine, truncate } from '../output/text.js';
import type { Terminal } from '../terminal/terminal.js';
import { type RunCommand } from './shared.js';

interface ListFlags {
  readonly json?: true;
  readonly status?: GoalStatus;
  readonly all?: true;
}

const MOST = 1000;
const SHORT = 50;

export function registerList(program: Command, app: App, run: RunCommand): void {
  program
    .command('list')
    .summary('goals, last changed first')
    .description(`Lists this folder’s goals, last changed first (at most ${String(SHORT)}).`)
    .option('--json', 'one JSON object a line')
    .addOption(new Option('--status <status>', 'only goals in this status').choices(GOAL_STATUSES))
    .option('--all', `goals of every folder (at most ${String(MOST)})`)
    .action(async (_flags: unknown, command: Command) => {
      await run(() => list(app, command.optsWithGlobals<ListFlags & GlobalFlags>()));
    });
}

async function list(app: App, flags: ListFlags & GlobalFlags): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: false });
  const { status } = flags;
  const goals =
    flags.all === true
      ? await listGoals(client, { status }, MOST)
      : (await listFolderGoals(client, terminal.cwd, MOST))
          .filter((goal) => status === undefined || goal.status === status)
          .slice(0, SHORT);
  if (flags.json === true) {
    await terminal.write(goals.map((goal) => `${JSON.stringify(goal)}\n`).join(''));
    return EXIT.complete;
  }
  await terminal.write(
    goals.length === 0
      ? `No such goal${flags.all === true ? '' : ' in this folder (see: goal list --all)'}.\n`
      : rows(goals, terminal, flags.all === true),
  );
  return EXIT.complete;
}

function rows(goals: readonly ListedGoal[], terminal: Terminal, folders: boolean): string {
  const { paint } = terminal;
  const width = Math.max(...goals.map((goal) => statusText(goal).length));
  const nowMs = Date.now();
  const money = Math.max(0, ...goals.map((goal) => costOf(goal).length));
  const spent = (goal: ListedGoal): string =>
    money === 0 ? '' : `  ${costOf(goal).padStart(money)}`;
  const room = terminal.isScreen
    ? Math.max(20, terminal.columns() - width - 38 - (money === 0 ? 0 : money + 2))
    : 200;
  return goals
    .map((goal) => {
      const padding = ' '.repeat(width - statusText(goal).length);
      const figures = `${formatTokens(goal.tokensUsed).padStart(6)}${spent(goal)}  ${formatAgo(nowMs - goal.updatedAt * 1000).padStart(9)}`;
      const where = folders ? paint.dim(`  ${oneLine(goal.cwd)}`) : '';
      return `${paint.dim(shortId(goal.threadId))}  ${paintStatus(goal, paint)}${padding}  ${figures}  ${truncate(oneLine(goal.objective), room)}${where}\n`;
    })
    .join('');
}

function costOf({ costUsd }: ListedGoal): string {
  return costUsd === null ? '' : formatUsd(costUsd);
}
