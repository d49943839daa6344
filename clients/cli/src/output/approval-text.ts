import type { Approval, ApprovalRule, Goal } from '@goald/protocol';
import { shortId } from './format.js';
import { oneLine, visible } from './text.js';

/** Nothing of what somebody decides by is left out because a terminal would not show it. */
export function onVisibleLine(text: string): string {
  return oneLine(visible(text).trimEnd().replaceAll('\n', ' ⏎ '));
}

/** What is asked, for people: the command, or the files. */
function approvalWhat({ command, files }: Pick<Approval, 'command' | 'files'>): string {
  return onVisibleLine(command ?? `change ${files.join(', ')}`);
}

/** An approval on one line, which has the whole command. */
export function approvalLine(approval: Approval): string {
  const { approvalId, decision, cwd, unsandboxed, reason } = approval;
  const how = unsandboxed ? ' without the sandbox' : '';
  const why = reason === null ? '' : `  ${oneLine(reason)}`;
  const what = approvalWhat(approval);
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
