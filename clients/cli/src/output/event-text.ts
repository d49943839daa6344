import type { GoalEvent } from '@goald/protocol';
import type { Paint } from '../terminal/terminal.js';
import { approveCommand, denyCommand } from './approval-text.js';
import { shortId } from './format.js';
import { answerCommand } from './question-text.js';
import { oneLine, truncate } from './text.js';

const DATA_COLUMNS = 120;

/** One durable event on one line for people: seq, time, thread, type, and the beginning of its data. */
export function eventText(event: GoalEvent, paint: Paint): string {
  const time = new Date(event.atMs).toLocaleTimeString('en-GB', { hour12: false });
  const thread = event.threadId === null ? '-'.padEnd(8) : shortId(event.threadId);
  const data = truncate(oneLine(JSON.stringify(event.data)), DATA_COLUMNS);
  const how = howToReply(event);
  const line = `${String(event.seq).padStart(6)} ${time} ${thread} ${paint.bold(event.type)} ${paint.dim(data)}`;
  return how === null ? line : `${line}\n       ${how}`;
}

/** What a person can do about an event that asks for something; null for all others. */
function howToReply({ type, threadId, data }: GoalEvent): string | null {
  if (threadId === null) return null;
  if (type === 'approval.requested') return approvalHint(data);
  const question = data['question'];
  const stops = data['severity'] === 'blocking' || typeof question === 'string';
  if (type === 'blocker.raised' && stops) {
    const asks = typeof question === 'string' ? `asks: ${oneLine(question)}  ` : '';
    return `${asks}answer: ${answerCommand(threadId)}`;
  }
  const id = shortId(threadId);
  return type === 'proposal.made'
    ? `decide: goal accept-proposal ${id}, or goal decline-proposal ${id}`
    : null;
}

function approvalHint({ approvalId }: GoalEvent['data']): string | null {
  if (typeof approvalId !== 'string') return null;
  return `decide: ${approveCommand(approvalId)}, or ${denyCommand(approvalId)}`;
}
