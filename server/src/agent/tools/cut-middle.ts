/** Small enough that any tokenizer is quick on one, also on text without a break. */
const PIECE_CHARS = 80;

export interface CutText {
  readonly head: string;
  readonly tail: string;
  readonly cutChars: number;
  readonly cutLines: number;
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

function pieceEnd(text: string, start: number): number {
  const piece = text.slice(start, start + PIECE_CHARS);
  const newline = piece.indexOf('\n');
  if (newline >= 0) return start + newline + 1;
  const end = start + piece.length;
  return end < text.length && isHighSurrogate(text.charCodeAt(end - 1)) ? end + 1 : end;
}

function pieceStart(text: string, end: number): number {
  const piece = text.slice(Math.max(0, end - PIECE_CHARS), end);
  const newline = piece.lastIndexOf('\n', piece.length - 2);
  if (newline >= 0) return end - piece.length + newline + 1;
  const start = end - piece.length;
  return start > 0 && isHighSurrogate(text.charCodeAt(start - 1)) ? start - 1 : start;
}

/**
 * Keeps the head and the tail of a text, together at most `limit` tokens; null when the whole text fits.
 * The work depends on the limit, not on the length of the text.
 */
export function cutMiddle(
  text: string,
  limit: number,
  countTokens: (text: string) => number,
): CutText | null {
  // No token is shorter than a byte.
  if (Buffer.byteLength(text) <= limit) return null;
  const half = Math.floor(limit / 2);
  let head = 0;
  for (let used = 0; head < text.length;) {
    const end = pieceEnd(text, head);
    used += countTokens(text.slice(head, end));
    if (used > half) break;
    head = end;
  }
  let tail = text.length;
  for (let used = 0; tail > head;) {
    const start = Math.max(head, pieceStart(text, tail));
    used += countTokens(text.slice(start, tail));
    if (used > limit - half) break;
    tail = start;
  }
  if (tail <= head) return null;
  let cutLines = 0;
  for (let at = text.indexOf('\n', head); at >= 0 && at < tail; at = text.indexOf('\n', at + 1)) {
    cutLines += 1;
  }
  return { head: text.slice(0, head), tail: text.slice(tail), cutChars: tail - head, cutLines };
}
