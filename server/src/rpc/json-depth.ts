const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** What a scan of a JSON text that nests too deep found. */
export interface TooDeep {
  /** Small to parse, with the id still in it. */
  readonly shallow: string;
}

/**
 * Looks for more than `limit` levels of nesting without building anything. undefined: there are not more. Works on any text; on
 * what is not JSON the answer means nothing, and the parser says so.
 */
export function findTooDeep(text: string, limit: number): TooDeep | undefined {
  // Each level needs a bracket on both sides.
  if (text.length <= 2 * limit) return undefined;
  return exceeds(text, limit) ? { shallow: firstLevel(text) } : undefined;
}

function exceeds(text: string, limit: number): boolean {
  let deepest = 0;
  scan(text, (depth) => {
    if (depth > deepest) deepest = depth;
    return depth <= limit;
  });
  return deepest > limit;
}

/** The text with everything below its first level replaced by null. */
export function firstLevel(text: string): string {
  const kept: string[] = [];
  let from = 0;
  let last = 0;
  scan(text, (depth, index) => {
    if (depth === 2 && last === 1) kept.push(text.slice(from, index), 'null');
    if (depth === 1 && last === 2) from = index + 1;
    last = depth;
    return true;
  });
  return last > 1 ? kept.join('') : kept.join('') + text.slice(from);
}

/** True when the containers of `text` hold more than `limit` values together. Works on any text. */
export function hasTooManyValues(text: string, limit: number): boolean {
  // Each value needs itself and a comma.
  if (text.length <= 2 * limit) return false;
  let commas = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (code === COMMA) {
      commas += 1;
      if (commas >= limit) return true;
    }
  }
  return false;
}

/** Calls `onBracket` with the depth after each bracket outside of strings, until it answers false. */
function scan(text: string, onBracket: (depth: number, index: number) => boolean): void {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = endOfString(text, index);
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (!onBracket(depth, index)) return;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
      if (!onBracket(depth, index)) return;
    }
  }
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}
