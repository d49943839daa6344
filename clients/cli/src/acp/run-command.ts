import { type GoaldClient, isGoaldError } from '@goald/client';
import { type Origin, requests } from '@goald/protocol';
import { describeGoal } from '../output/goal-text.js';
import { reportText } from '../output/report-text.js';
import type { Paint } from '../terminal/terminal.js';
import { COMMAND_LIST, type CommandName, isCommandName } from './commands.js';
import { fenced, quoted } from './markdown.js';
import type { SlashCommand } from './prompt-input.js';

export interface CommandContext {
  readonly client: GoaldClient;
  readonly origin: Origin;
  readonly threadId: string;
}

/** What a command came to. */
export interface CommandResult {
  /** Markdown for the user; null where the events that follow say it all. */
  readonly text: string | null;
  /** It changed the goal: the answer to the prompt waits until no goal is at work any more. */
  readonly follows: boolean;
}

const same = (text: string): string => text;
const PLAIN: Paint = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };
/** What happened comes as events. */
const FOLLOWS: CommandResult = { text: null, follows: true };
const NO_GOAL = 'This session has no goal. Set one: `/goal <what shall be true in the end>`';

/** Runs a slash command. What the daemon refuses is told as text; rejects when the daemon cannot be asked. */
export async function runCommand(
  { name, rest }: SlashCommand,
  context: CommandContext,
): Promise<CommandResult> {
  if (!isCommandName(name)) {
    return told(`There is no command \`/${name}\`. Commands: ${COMMAND_LIST}`);
  }
  try {
    return await run(name, rest, context);
  } catch (error) {
    // An answer of the daemon says what to do; anything else is no answer to the command.
    if (!isGoaldError(error) || error.rpcCode === null) throw error;
    if (error.code === 'thread_not_found') throw error;
    return told(`✗ ${error.message}`);
  }
}

async function run(
  name: CommandName,
  rest: string,
  context: CommandContext,
): Promise<CommandResult> {
  const { client, origin, threadId } = context;
  switch (name) {
    case 'goal': {
      if (rest === '') return show(context);
      const set = { threadId, objective: rest, status: 'active' as const, origin };
      await client.request(requests.threadGoalSet, set);
      return FOLLOWS;
    }
    case 'goal-status':
      return show(context);
    case 'goal-pause': {
      await client.request(requests.threadGoalPause, { threadId, origin });
      return { ...told('Paused. `/goal-resume` lets it go on.'), follows: true };
    }
    case 'goal-resume': {
      await client.request(requests.threadGoalResume, { threadId, origin });
      return FOLLOWS;
    }
    case 'goal-clear': {
      const { cleared } = await client.request(requests.threadGoalClear, { threadId, origin });
      return cleared ? FOLLOWS : told(NO_GOAL);
    }
    case 'goal-report': {
      const { report } = await client.request(requests.goalReport, { threadId });
      return { text: fenced(reportText(report, PLAIN, { diff: false })), follows: false };
    }
    case 'goal-answer': {
      if (rest === '') return told('Say the answer: `/goal-answer <your answer>`');
      const answer = { threadId, answer: rest, origin };
      await client.request(requests.goalBlockerResolve, answer);
      return FOLLOWS;
    }
    case 'goal-accept': {
      await client.request(requests.goalProposalAccept, { threadId, origin });
      return FOLLOWS;
    }
    case 'goal-decline': {
      const reason = rest === '' ? null : rest;
      const declined = { threadId, reason, origin };
      await client.request(requests.goalProposalDecline, declined);
      return FOLLOWS;
    }
  }
}

async function show({ client, threadId }: CommandContext): Promise<CommandResult> {
  const { goal } = await client.request(requests.threadGoalGet, { threadId });
  if (goal === null) return told(NO_GOAL);
  return { text: fenced(describeGoal(goal, PLAIN)), follows: false };
}

function told(line: string): CommandResult {
  return { text: quoted([line]), follows: false };
}
