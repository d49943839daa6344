import type { BlockerRow } from '../store/repositories/blockers.js';

const QUOTE_CHARS = 300;

/** What the model reads as the user's words when a blocker of its own is resolved. */
export function resolvedWords(
  blocker: Pick<BlockerRow, 'summary' | 'question'>,
  answer: string | null,
): string {
  const { summary, question } = blocker;
  if (answer === null) return `What blocked you is resolved, go on: ${quoted(summary)}.`;
  return question === null
    ? `About what blocked you, ${quoted(summary)}:\n${answer}`
    : `Answer to your question ${quoted(question)}:\n${answer}`;
}

/** What the model reads as the user's words when an objective it proposed was accepted. */
export const ACCEPTED_WORDS =
  'I accept the objective you proposed. It is the objective of the goal now.';

/** The same when it was declined. */
export function declinedWords(objective: string, reason: string | null): string {
  const declined = `I decline the objective you proposed, ${quoted(objective)}. The objective stays as it is.`;
  return reason === null ? declined : `${declined}\n${reason}`;
}

// The agent's own words come back on one line and in quotes, so that they cannot pass for the user's.
function quoted(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return JSON.stringify(line.length > QUOTE_CHARS ? `${line.slice(0, QUOTE_CHARS)}…` : line);
}
