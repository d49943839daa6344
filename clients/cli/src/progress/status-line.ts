import { oneLine } from '../output/text.js';
import type { EventData } from './event-data.js';
import type { LineKind, TranscriptLine } from './view.js';

const WORDS: Readonly<Record<string, { kind: LineKind; text: string }>> = {
  active: { kind: 'info', text: 'goal active' },
  paused: { kind: 'warn', text: 'goal paused' },
  blocked: { kind: 'fail', text: 'goal blocked' },
  usageLimited: { kind: 'warn', text: 'goal stopped at the usage limit of the provider' },
  budgetLimited: { kind: 'warn', text: 'goal stopped at its budget' },
  complete: { kind: 'ok', text: 'goal complete' },
};

/** The line of a changed status, with the reason. */
export function statusLine(data: EventData): TranscriptLine {
  const to = data.text('to') ?? '';
  const { kind, text } = WORDS[to] ?? { kind: 'info' as const, text: `goal ${oneLine(to)}` };
  const why = to === 'active' ? null : data.part('reason').text('message');
  if (why === null) return { kind, text };
  // The reason of a completion begins with the word itself.
  return { kind, text: to === 'complete' ? oneLine(why) : `${text}: ${oneLine(why)}` };
}
