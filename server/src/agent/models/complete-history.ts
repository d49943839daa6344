import type { HistoryEntry } from '../../engine/ports/model.js';

/** What the model reads for a call whose output was lost. */
export const MISSING_OUTPUT = 'No output was recorded for this call.';

/**
 * A history every provider accepts: each call has exactly one output after it, no output stands without its call, and no
 * reasoning stands without the message or call it led to. Servers that reuse call ids between responses are allowed for.
 */
export function completeHistory(history: readonly HistoryEntry[]): readonly HistoryEntry[] {
  const entries = keepTogether(history.filter((entry, at) => isWanted(entry, at, history)));
  const complete: HistoryEntry[] = [];
  const open = new Set<string>();
  entries.forEach((entry, at) => {
    if (entry.kind === 'toolOutput') {
      if (open.delete(entry.callId)) complete.push(entry);
      return;
    }
    complete.push(entry);
    if (entry.kind !== 'toolCall') return;
    if (hasOutput(entry.callId, entries, at)) open.add(entry.callId);
    else complete.push({ kind: 'toolOutput', callId: entry.callId, output: MISSING_OUTPUT });
  });
  return complete;
}

function responseOf(entry: HistoryEntry): string | undefined {
  return 'responseId' in entry ? entry.responseId : undefined;
}

/**
 * What a user said in the middle of a response goes behind it: a provider wants reasoning and what it led to side by side. No earlier
 * request carried it, so the prefix stays as it was.
 */
function keepTogether(entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  const lastOf = new Map<string, number>();
  entries.forEach((entry, at) => {
    if ('responseId' in entry) lastOf.set(entry.responseId, at);
  });
  const ordered: HistoryEntry[] = [];
  const held: HistoryEntry[] = [];
  let openUntil = -1;
  entries.forEach((entry, at) => {
    const response = entry.kind === 'user' ? entry.duringResponseId : responseOf(entry);
    if (response !== undefined) openUntil = Math.max(openUntil, lastOf.get(response) ?? at);
    const inside = at < openUntil;
    const output = entry.kind === 'toolOutput';
    if (entry.kind === 'user' && inside) {
      held.push(entry);
      return;
    }
    if (!inside && !output && at > openUntil) ordered.push(...held.splice(0));
    ordered.push(entry);
  });
  return [...ordered, ...held];
}

function isWanted(entry: HistoryEntry, at: number, history: readonly HistoryEntry[]): boolean {
  if (entry.kind !== 'reasoning') return true;
  for (let next = at + 1; next < history.length; next += 1) {
    const later = history[next];
    if (later === undefined || later.kind === 'toolOutput' || later.kind === 'user') continue;
    if (later.responseId !== entry.responseId) return false;
    if (later.kind !== 'reasoning') return true;
  }
  return false;
}

function hasOutput(callId: string, entries: readonly HistoryEntry[], at: number): boolean {
  for (let next = at + 1; next < entries.length; next += 1) {
    const later = entries[next];
    if (later?.kind === 'toolOutput' && later.callId === callId) return true;
    if (later?.kind === 'toolCall' && later.callId === callId) return false;
  }
  return false;
}
