import type { Command } from 'commander';
import { requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { originOf } from '../goals/origin.js';
import { pickById } from '../goals/pick-by-id.js';
import { pickGoal } from '../goals/pick-goal.js';
import { shortId } from '../output/format.js';
import { describeGoal } from '../output/goal-text.js';
import { commandLines } from '../output/next-commands.js';
import { proposalLines } from '../output/people-text.js';
import { oneLine } from '../output/text.js';
import { type RunCommand, THREAD_HELP } from './shared.js';

interface ProposalFlags {
  readonly json?: true;
  readonly proposal?: string;
  readonly reason?: string;
}

const WHICH = 'another than the newest: its id, or the start or end of one';

export function registerProposals(program: Command, app: App, run: RunCommand): void {
  program
    .command('proposals')
    .summary('objectives the agent proposes')
    .argument('[thread]', THREAD_HELP)
    .option('--json', 'one JSON object a line')
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      await run(() => proposals(app, command.optsWithGlobals<ProposalFlags & GlobalFlags>(), ref));
    });
  program
    .command('accept-proposal')
    .summary('make the proposed objective the goal’s')
    .argument('[thread]', THREAD_HELP)
    .option('--proposal <id>', WHICH)
    .option('--json', 'print the goal as JSON')
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ProposalFlags & GlobalFlags>();
      await run(() => decide(app, flags, ref, 'accept'));
    });
  program
    .command('decline-proposal')
    .alias('decline')
    .summary('keep the objective; the agent is told')
    .argument('[thread]', THREAD_HELP)
    .option('--proposal <id>', WHICH)
    .option('--reason <text>', 'why; the agent reads it')
    .option('--json', 'print the goal as JSON')
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ProposalFlags & GlobalFlags>();
      await run(() => decide(app, flags, ref, 'decline'));
    });
}

async function proposals(
  app: App,
  flags: ProposalFlags & GlobalFlags,
  ref: string | undefined,
): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: false });
  const goal = await pickGoal(client, { ref, cwd: terminal.cwd, complete: 'too' });
  const { threadId } = goal;
  const { data } = await client.request(requests.goalProposalList, { threadId });
  if (flags.json === true) {
    await terminal.write(data.map((proposal) => `${JSON.stringify(proposal)}\n`).join(''));
    return EXIT.complete;
  }
  const id = shortId(threadId);
  const next = data.some(({ decision }) => decision === 'pending')
    ? `\n${commandLines([
        [`goal accept-proposal ${id}`, 'make the newest the objective'],
        [`goal decline-proposal ${id}`, 'keep the objective as it is'],
      ])}`
    : '';
  const lines = data.length === 0 ? ['  Nothing proposed.'] : proposalLines(data, terminal.paint);
  await terminal.write(
    `${terminal.paint.bold(oneLine(goal.objective))}\n${lines.join('\n')}\n${next}`,
  );
  return EXIT.complete;
}

async function decide(
  app: App,
  flags: ProposalFlags & GlobalFlags,
  ref: string | undefined,
  decision: 'accept' | 'decline',
): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: true });
  const { threadId } = await pickGoal(client, { ref, cwd: terminal.cwd, complete: 'too' });
  let proposalId: string | undefined;
  if (flags.proposal !== undefined) {
    const { data } = await client.request(requests.goalProposalList, { threadId });
    const ids = data.map((proposal) => proposal.proposalId);
    proposalId = pickById(ids, flags.proposal, 'proposal', 'goal proposals');
  }
  const which = { threadId, proposalId, origin: originOf(app, client) };
  const { goal } =
    decision === 'accept'
      ? await client.request(requests.goalProposalAccept, which)
      : await client.request(requests.goalProposalDecline, { ...which, reason: flags.reason });
  await terminal.write(
    flags.json === true ? `${JSON.stringify(goal)}\n` : describeGoal(goal, terminal.paint),
  );
  return EXIT.complete;
}
