import type { Command } from 'commander';
import { type CommandDecision, requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CommandError, UsageError } from '../failures.js';
import { originOf } from '../goals/origin.js';
import { pickApproval } from '../goals/pick-approval.js';
import { pickById } from '../goals/pick-by-id.js';
import { approvalLine, ruleLine } from '../output/approval-text.js';
import { commandLines } from '../output/next-commands.js';
import { type RunCommand } from './shared.js';

interface ApprovalFlags {
  readonly json?: true;
  readonly all?: true;
  readonly forget?: string;
  readonly session?: true;
  readonly always?: true;
  readonly reason?: string;
  readonly stop?: true;
}

type Flags = ApprovalFlags & GlobalFlags;

const ID_HELP =
  'id of the approval or of its thread, or the start or end of one (default: the only one that waits here)';

export function registerApprovals(program: Command, app: App, run: RunCommand): void {
  program
    .command('approvals')
    .summary('what agents wait to be allowed')
    .option('--all', 'decided ones, too')
    .option('--forget <rule>', 'take back what was allowed for good: its id, or the end of it')
    .option('--json', 'one JSON object a line')
    .action(async (_flags: unknown, command: Command) => {
      await run(() => list(app, command.optsWithGlobals<Flags>()));
    });
  program
    .command('approve')
    .summary('let a command run, or files be changed')
    .argument('[id]', ID_HELP)
    .option('--session', 'and do not ask again for the same in this thread')
    .option('--always', 'and do not ask again for commands that begin with these words')
    .option('--json', 'print the approval as JSON')
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      await run(() => approve(app, command.optsWithGlobals<Flags>(), ref));
    });
  program
    .command('deny')
    .summary('do not let it; the agent is told and goes on')
    .argument('[id]', ID_HELP)
    .option('--reason <text>', 'why; the agent reads it')
    .option('--stop', 'and pause the goal')
    .option('--json', 'print the approval as JSON')
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      await run(() => deny(app, command.optsWithGlobals<Flags>(), ref));
    });
}

async function list(app: App, flags: Flags): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: false });
  const all = flags.all === true;
  const { data, rules } = await client.request(requests.goalApprovalList, { all });
  if (flags.forget !== undefined) {
    const ids = rules.map((rule) => rule.ruleId);
    const ruleId = pickById(ids, flags.forget, 'rule', 'goal approvals');
    await client.request(requests.goalApprovalForget, { ruleId, origin: originOf(app, client) });
    await terminal.write('Taken back: it is asked for again.\n');
    return EXIT.complete;
  }
  if (flags.json === true) {
    await terminal.write([...data, ...rules].map((one) => `${JSON.stringify(one)}\n`).join(''));
    return EXIT.complete;
  }
  const lines = data.length === 0 ? ['Nothing waits for an approval.'] : data.map(approvalLine);
  const waits = data.some(({ decision }) => decision === 'pending');
  const next = waits
    ? `\n${commandLines([
        ['goal approve [id]', 'let it run'],
        ['goal deny [id] --reason "…"', 'do not; the agent is told'],
      ])}`
    : '';
  await terminal.write(`${[...lines, ...rules.map(ruleLine)].join('\n')}\n${next}`);
  return EXIT.complete;
}

async function approve(app: App, flags: Flags, ref: string | undefined): Promise<ExitCode> {
  if (flags.session === true && flags.always === true) {
    throw new UsageError('Give either --session or --always, not both.');
  }
  return decide(app, flags, ref, (amendment): CommandDecision => {
    if (flags.session === true) return 'acceptForSession';
    if (flags.always !== true) return 'accept';
    if (amendment === null) {
      throw new CommandError(
        'This cannot be allowed by its first words: approve it, or approve it --session.',
      );
    }
    return { acceptWithExecpolicyAmendment: { execpolicy_amendment: amendment } };
  });
}

async function deny(app: App, flags: Flags, ref: string | undefined): Promise<ExitCode> {
  return decide(app, flags, ref, () => (flags.stop === true ? 'cancel' : 'decline'));
}

async function decide(
  app: App,
  flags: Flags,
  ref: string | undefined,
  decisionFor: (amendment: string[] | null) => CommandDecision,
): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: true });
  const picked = await pickApproval(client, { ref, cwd: terminal.cwd });
  const { approval } = await client.request(requests.goalApprovalDecide, {
    approvalId: picked.approvalId,
    decision: decisionFor(picked.proposedAmendment),
    reason: flags.reason,
    origin: originOf(app, client),
  });
  await terminal.write(
    flags.json === true ? `${JSON.stringify(approval)}\n` : `${approvalLine(approval)}\n`,
  );
  return EXIT.complete;
}
