import type { GoalEvent } from '@goald/protocol';
import type { Paint } from '../terminal/terminal.js';
import { shortId } from './format.js';
import { oneLine, truncate } from './text.js';

const DATA_COLUMNS = 120;

/** One durable event on one line for people: seq, time, thread, type, and the beginning of its data. */
export function eventText(event: GoalEvent, paint: Paint): string {
  const time = new Date(event.atMs).toLocaleTimeString('en-GB', { hour12: false });
  const thread = event.threadId === null ? '-'.padEnd(8) : shortId(event.threadId);
  const data = truncate(oneLine(JSON.stringify(event.data)), DATA_COLUMNS);
  return `${String(event.seq).padStart(6)} ${time} ${thread} ${paint.bold(event.type)} ${paint.dim(data)}`;
}
