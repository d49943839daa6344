import type { HistoryEntry } from './ports/model.js';

/**
 * Where a history may be cut in two: no entry behind the place belongs to a response or a call in front of it. Answers indices of
 * first entries of the second half, ascending; 0 is one of them, the length is not.
 */
export function cutPlaces(history: readonly HistoryEntry[]): number[] {
  const lastUse = new Map<string, number>();
  history.forEach((entry, index) => {
    for (const key of keysOf(entry)) lastUse.set(key, index);
  });
  const places: number[] = [];
  let heldUntil = -1;
  history.forEach((entry, index) => {
    if (index > heldUntil) places.push(index);
    for (const key of keysOf(entry)) heldUntil = Math.max(heldUntil, lastUse.get(key) ?? index);
  });
  return places;
}

/**
 * The newest part of a history that fits: from the earliest place where the rest is at most `mostTokens`, and never less than what
 * follows the last place, for the model has to go on from there.
 */
export function tailOf(
  history: readonly HistoryEntry[],
  mostTokens: number,
  tokensOf: (entries: readonly HistoryEntry[]) => number,
): readonly HistoryEntry[] {
  const places = cutPlaces(history);
  let from = places.at(-1) ?? 0;
  for (const place of places.toReversed()) {
    if (tokensOf(history.slice(place)) > mostTokens) break;
    from = place;
  }
  return history.slice(from);
}

/** The same entries with outputs cut down, the largest first, until all of them together are at most `mostTokens`. */
export function shortenOutputs(
  entries: readonly HistoryEntry[],
  mostTokens: number,
  tokensOf: (entries: readonly HistoryEntry[]) => number,
): readonly HistoryEntry[] {
  const shortened = [...entries];
  const bySize = entries
    .flatMap((entry, index) => (entry.kind === 'toolOutput' ? [{ entry, index }] : []))
    .toSorted((a, b) => b.entry.output.length - a.entry.output.length);
  let tokens = tokensOf(shortened);
  for (const { entry, index } of bySize) {
    if (tokens <= mostTokens || entry.output.length <= KEPT_CHARS * 2) break;
    const short = { ...entry, output: middleOut(entry.output) };
    tokens += tokensOf([short]) - tokensOf([entry]);
    shortened[index] = short;
  }
  return shortened;
}

const KEPT_CHARS = 400;

function middleOut(text: string): string {
  const left = text.length - 2 * KEPT_CHARS;
  return `${text.slice(0, KEPT_CHARS)}\n[${String(left)} characters left out to make room; run it again if you need them]\n${text.slice(-KEPT_CHARS)}`;
}

function keysOf(entry: HistoryEntry): string[] {
  switch (entry.kind) {
    case 'user':
      return entry.duringResponseId === undefined ? [] : [`response ${entry.duringResponseId}`];
    case 'assistant':
    case 'reasoning':
      return [`response ${entry.responseId}`];
    case 'toolCall':
      return [`response ${entry.responseId}`, `call ${entry.callId}`];
    case 'toolOutput':
      return [`call ${entry.callId}`];
  }
}
