import { withoutImages } from './left-out-images.js';
import type { HistoryEntry } from './ports/model.js';

const MADE_BY_MODEL =
  'Note of the daemon: the conversation up to here had grown too long. What the user said stands above; the rest is replaced by your own summary of it:';
const MADE_BY_DAEMON =
  'Note of the daemon: the conversation up to here had grown too long. What the user said stands above; the rest is left out. You could not be asked for a summary; this is on record:';

const NO_IMAGES = 'it was left out to make room';
const USER_CHARS = 24_000;
const LAST_WORDS = 12;
const LAST_CALLS = 60;
const LINE_CHARS = 240;

/** What stands for the older part of a history: the user's words as they were said, then the summary. */
export function compactedEntries(
  older: readonly HistoryEntry[],
  summary: { readonly by: 'model' | 'runtime'; readonly text: string },
): readonly HistoryEntry[] {
  const intro = summary.by === 'model' ? MADE_BY_MODEL : MADE_BY_DAEMON;
  return [
    ...userWords(older),
    { kind: 'user', text: `${intro}\n\n${summary.text}`, isSummary: true },
  ];
}

/** What the store alone can say of a history: an earlier summary, last words, last calls and how they went. */
export function digestOf(history: readonly HistoryEntry[]): string {
  const outputs = new Map(
    history.flatMap((entry) => (entry.kind === 'toolOutput' ? [[entry.callId, entry.output]] : [])),
  );
  const words = history.flatMap((entry) => (entry.kind === 'assistant' ? [line(entry.text)] : []));
  const calls = history.flatMap((entry) =>
    entry.kind === 'toolCall'
      ? [`${line(`${entry.name} ${entry.arguments}`)} -> ${line(outputs.get(entry.callId) ?? '')}`]
      : [],
  );
  const earlier = history.findLast((entry) => entry.kind === 'user' && entry.isSummary === true);
  const sections = [
    earlier?.kind === 'user' ? earlier.text.slice(0, USER_CHARS) : '',
    section('You said last:', words.slice(-LAST_WORDS)),
    section('Your last calls, and how their outputs began:', calls.slice(-LAST_CALLS)),
  ].filter((text) => text !== '');
  return sections.length === 0 ? 'Nothing was done yet.' : sections.join('\n\n');
}

/** The newest words of the user that fit, oldest of them first. */
function userWords(history: readonly HistoryEntry[]): HistoryEntry[] {
  const kept: HistoryEntry[] = [];
  let room = USER_CHARS;
  for (const entry of (withoutImages(history, NO_IMAGES) ?? history).toReversed()) {
    if (entry.kind !== 'user' || entry.isSummary === true) continue;
    if (room <= 0) break;
    const text = entry.text.length > room ? `${entry.text.slice(0, room)} […]` : entry.text;
    room -= text.length;
    kept.push({ kind: 'user', text });
  }
  return kept.toReversed();
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.map((text) => `- ${text}`).join('\n')}`;
}

function line(text: string): string {
  const flat = text.replaceAll(/\s+/gu, ' ').trim();
  return flat.length > LINE_CHARS ? `${flat.slice(0, LINE_CHARS)}…` : flat;
}
