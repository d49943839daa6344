import type { Goal } from '@goald/protocol';
import { approveCommand, denyCommand, onVisibleLine, pendingApproval } from './approval-text.js';
import { shortId } from './format.js';
import { oneLine } from './text.js';

/** What stops a goal until a person says something: its question, null where it asks none. undefined where nothing of the kind stops it. */
export function openQuestion(goal: Goal): string | null | undefined {
  if (pendingApproval(goal) !== undefined) return undefined;
  const reason = goal.statusReason;
  const stops = goal.status === 'blocked' || goal.status === 'paused';
  if (!stops || (reason?.code !== 'blocker' && reason?.code !== 'needsInput')) return undefined;
  return reason.detail === null ? null : oneLine(reason.detail);
}

/** The command that answers a goal's newest blocker. */
export function answerCommand(threadId: string): string {
  return `goal answer ${shortId(threadId)} "<your answer>"`;
}

/** What a goal asks of people, and the commands that answer it; empty where nothing is asked. */
export function questionLines(goal: Goal): readonly string[] {
  const pending = goal.pendingRequest;
  if (pending !== undefined && goal.status !== 'complete') {
    const what = `asks: ${onVisibleLine(pending.what)}`;
    const { requestId, kind, threadId } = { ...pending, threadId: goal.threadId };
    if (kind === 'question') return [what, `answer: ${answerCommand(threadId)}`];
    return [what, `decide: ${approveCommand(requestId)}, or ${denyCommand(requestId)}`];
  }
  const question = openQuestion(goal);
  if (question === undefined) return [];
  return [
    ...(question === null ? [] : [`asks: ${question}`]),
    `answer: ${answerCommand(goal.threadId)}`,
  ];
}
