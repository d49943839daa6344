import type { HistoryEntry, ModelError } from './ports/model.js';

type UserEntry = Extract<HistoryEntry, { kind: 'user' }>;

const REFUSAL =
  /image|vision|multi-?modal|modalit|(?:should|must) be a (?:valid )?string|expected (?:a )?string/i;

/** Whether a request failed because its model, or its server, does not take the images in it. */
export function refusesImages(failure: ModelError, history: readonly HistoryEntry[]): boolean {
  const mayBe = failure.kind === 'permanent' && failure.status !== 401 && failure.status !== 403;
  return mayBe && history.some(hasImages) && REFUSAL.test(failure.message);
}

/** The same entries without images, each of which leaves a note behind; null where there was none. */
export function withoutImages(
  entries: readonly HistoryEntry[],
  why: string,
): readonly HistoryEntry[] | null {
  if (!entries.some(hasImages)) return null;
  return entries.map((entry) => (hasImages(entry) ? leftOut(entry, why) : entry));
}

function leftOut({ images = [], ...entry }: UserEntry, why: string): UserEntry {
  const what = images.length === 1 ? 'An image' : `${String(images.length)} images`;
  const note = `[${what} stood here: ${why}]`;
  return { ...entry, text: entry.text === '' ? note : `${entry.text}\n${note}` };
}

function hasImages(entry: HistoryEntry): entry is UserEntry {
  return entry.kind === 'user' && entry.images !== undefined && entry.images.length > 0;
}
