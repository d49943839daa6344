import type { PatchHunk, PatchLine } from './patch-parser.js';

/** What two lines may differ in, from strict to loose: white space only. */
const LEVELS: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.replace(/\s+/g, ''),
];

/** Where a hunk goes: the line index it starts at, and the lines of it that take part in the match. */
export interface HunkPlace {
  readonly start: number;
  readonly lines: readonly PatchLine[];
}

export type HunkMatch =
  | { readonly kind: 'found'; readonly place: HunkPlace }
  | { readonly kind: 'ambiguous'; readonly starts: readonly number[] }
  | { readonly kind: 'missing' }
  | { readonly kind: 'anchorMissing'; readonly anchor: string };

/** The lines of one file, searched again and again. */
export class LineSearch {
  readonly #lines: readonly string[];
  readonly #normalized = new Map<number, readonly string[]>();

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  get length(): number {
    return this.#lines.length;
  }

  /** Every place of a block, at the strictest level that has one. */
  find(block: readonly string[]): readonly number[] {
    for (const level of LEVELS.keys()) {
      const starts = this.#findAt(level, block);
      if (starts.length > 0) return starts;
    }
    return [];
  }

  /** The start of the place that shares most lines with a block, white space aside, or null when none does. */
  closest(block: readonly string[]): number | null {
    const level = LEVELS.length - 1;
    const wanted = this.#normalize(level, block);
    const lines = this.#linesAt(level);
    let best = { start: -1, score: 0 };
    for (let start = 0; start < lines.length; start += 1) {
      const score = wanted.filter((line, i) => line !== '' && line === lines[start + i]).length;
      if (score > best.score) best = { start, score };
    }
    return best.score > 0 ? best.start : null;
  }

  #findAt(level: number, block: readonly string[]): number[] {
    const wanted = this.#normalize(level, block);
    const lines = this.#linesAt(level);
    const starts: number[] = [];
    for (let start = 0; start + wanted.length <= lines.length; start += 1) {
      if (wanted.every((line, i) => line === lines[start + i])) starts.push(start);
    }
    return starts;
  }

  #linesAt(level: number): readonly string[] {
    const known = this.#normalized.get(level);
    if (known !== undefined) return known;
    const lines = this.#normalize(level, this.#lines);
    this.#normalized.set(level, lines);
    return lines;
  }

  #normalize(level: number, lines: readonly string[]): readonly string[] {
    const normalize = LEVELS[level];
    return normalize === undefined ? lines : lines.map(normalize);
  }
}

const isBlankContext = (line: PatchLine | undefined): boolean =>
  line?.kind === 'context' && line.text.trim() === '';

/** The hunk as written, then without the blank lines around it: models leave such lines between hunks. */
function variants(lines: readonly PatchLine[]): readonly (readonly PatchLine[])[] {
  let start = 0;
  let end = lines.length;
  while (isBlankContext(lines[end - 1])) end -= 1;
  const withoutTail = lines.slice(0, end);
  while (isBlankContext(lines[start])) start += 1;
  const all = [lines, withoutTail, lines.slice(start, end)];
  return all.filter((variant, i) => i === 0 || variant.length < (all[i - 1]?.length ?? 0));
}

const oldText = (lines: readonly PatchLine[]): readonly string[] =>
  lines.filter((line) => line.kind !== 'add').map((line) => line.text);

/** Where a search may begin: the lines of the last anchor, or the top. */
function anchorStarts(search: LineSearch, anchors: readonly string[]): readonly number[] | string {
  let starts: readonly number[] | null = null;
  for (const anchor of anchors) {
    const trimmed = anchor.replace(/\s*@@\s*$/, '');
    const exact = search.find([anchor]);
    const found = exact.length > 0 ? exact : search.find([trimmed]);
    const before: readonly number[] | null = starts;
    const next: number[] =
      before === null
        ? [...found]
        : before.flatMap((start) => found.find((at) => at > start) ?? []);
    if (next.length === 0) return anchor;
    starts = [...new Set(next)];
  }
  return starts ?? [];
}

function choose(candidates: readonly number[], cursor: number): number | readonly number[] {
  const later = candidates.filter((start) => start >= cursor);
  const chosen = later.length > 0 ? later : candidates;
  const [only] = chosen;
  return chosen.length === 1 && only !== undefined ? only : chosen;
}

/**
 * Finds the one place of a hunk. Hunks come in the order of the file, so a place after `cursor` wins over one before it;
 * more than one is ambiguous. `isFree` says whether lines are not yet taken by another hunk.
 */
export function matchHunk(
  search: LineSearch,
  hunk: PatchHunk,
  cursor: number,
  isFree: (start: number, length: number) => boolean,
): HunkMatch {
  const starts = anchorStarts(search, hunk.anchors);
  if (typeof starts === 'string') return { kind: 'anchorMissing', anchor: starts };
  if (oldText(hunk.lines).length === 0) return matchInsertion(search, hunk, starts, cursor);

  for (const lines of variants(hunk.lines)) {
    const block = oldText(lines);
    if (block.length === 0) break;
    const places = search.find(block).filter((start) => isFree(start, block.length));
    const atEnd = hunk.atEnd && places.find((start) => start + block.length === search.length);
    if (typeof atEnd === 'number') return { kind: 'found', place: { start: atEnd, lines } };
    const candidates =
      hunk.anchors.length === 0
        ? places
        : [...new Set(starts.flatMap((from) => places.find((start) => start >= from) ?? []))];
    if (candidates.length === 0) continue;
    const start = choose(candidates, cursor);
    if (typeof start === 'number') return { kind: 'found', place: { start, lines } };
    return { kind: 'ambiguous', starts: start };
  }
  return { kind: 'missing' };
}

/** A hunk of new lines only goes right after its anchor, or to the end of the file. */
function matchInsertion(
  search: LineSearch,
  hunk: PatchHunk,
  starts: readonly number[],
  cursor: number,
): HunkMatch {
  if (hunk.anchors.length === 0 || hunk.atEnd) {
    return { kind: 'found', place: { start: search.length, lines: hunk.lines } };
  }
  const start = choose(starts, cursor);
  if (typeof start !== 'number') return { kind: 'ambiguous', starts: start };
  return { kind: 'found', place: { start: start + 1, lines: hunk.lines } };
}
