import type { Approval, ApprovalRule, Goal } from '@goald/protocol';
import { shortId } from './format.js';
import { oneLine, truncate } from './text.js';

const WHAT_COLUMNS = 100;

/** What is asked, for people: the command, or the files. */
function approvalWhat({ command, files }: Pick<Approval, 'command' | 'files'>): string {
  return command === null ? `change ${files.map(oneLine).join(', ')}` : oneLine(command);
}

/** An approval on one line. */
export function approvalLine(approval: Approval): string {
  const { approvalId, decision, cwd, unsandboxed, reason } = approval;
  const how = unsandboxed ? ' without the sandbox' : '';
  const why = reason === null ? '' : `  ${oneLine(reason)}`;
  const what = truncate(approvalWhat(approval), WHAT_COLUMNS);
  return `${shortId(approvalId)}  ${decision}${how}  ${what}  (${oneLine(cwd)})${why}`;
}

/** What was allowed for good, on one line. */
export function ruleLine({ ruleId, kind, what, threadId }: ApprovalRule): string {
  const where = threadId === null ? 'all threads' : `thread ${shortId(threadId)}`;
  const words = what.map(oneLine).join(' ');
  const text =
    kind === 'prefix' ? `${words} …` : kind === 'command' ? words : `changes of ${words}`;
  return `${shortId(ruleId)}  allowed in ${where}: ${text}`;
}

/** What a goal waits to be allowed, or undefined. */
export function pendingApproval(goal: Goal): Goal['pendingRequest'] {
  const { pendingRequest: pending } = goal;
  return pending?.kind === 'question' ? undefined : pending;
}

/** The command that allows it. */
export function approveCommand(approvalId: string): string {
  return `goal approve ${shortId(approvalId)}`;
}

/** The command that does not. */
export function denyCommand(approvalId: string): string {
  return `goal deny ${shortId(approvalId)}`;
}
