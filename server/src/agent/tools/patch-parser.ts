/** A patch that cannot be read or applied, in words for the model. */
export class PatchError extends Error {
  override readonly name = 'PatchError';
}

export interface PatchLine {
  readonly kind: 'context' | 'remove' | 'add';
  readonly text: string;
}

export interface PatchHunk {
  /** Lines after `@@`, outermost first: the hunk comes after them. */
  readonly anchors: readonly string[];
  readonly lines: readonly PatchLine[];
  /** `*** End of File` stood after it. */
  readonly atEnd: boolean;
}

export type PatchOperation =
  | { readonly kind: 'add'; readonly path: string; readonly lines: readonly string[] }
  | { readonly kind: 'delete'; readonly path: string }
  | {
      readonly kind: 'update';
      readonly path: string;
      readonly movePath: string | null;
      readonly hunks: readonly PatchHunk[];
    };

const BEGIN = '*** Begin Patch';
const END = '*** End Patch';
const END_OF_FILE = '*** End of File';
const HEADER = /^\*\*\* (Add File|Update File|Delete File): *(.*)$/;
const MOVE = /^\*\*\* Move to: *(.*)$/;
// Line numbers, as in a unified diff: models write them, and they are often wrong.
const NUMBERED_HUNK = /^@@ -\d+(,\d+)? \+\d+(,\d+)? @@/;
// What models put around the envelope: a call of a program with a here-document, or a code fence.
const WRAPPER = /^(?:(?:cd .* && )?apply_patch\b.*|<<-?\s*['"]?\w+['"]?|`{3,}\w*|cat\b.*)$/;

/** The lines between `*** Begin Patch` and `*** End Patch`. */
function envelope(patch: string): readonly string[] {
  const lines = patch.split('\n').map((line) => line.replace(/\r$/, ''));
  const begin = lines.findIndex((line) => line.trim() !== '' && !WRAPPER.test(line.trim()));
  if (begin < 0 || lines[begin]?.trim() !== BEGIN) {
    throw new PatchError(`The patch must start with the line "${BEGIN}".`);
  }
  const end = lines.findIndex((line, index) => index > begin && line.trimEnd() === END);
  if (end < 0) {
    throw new PatchError(`The patch must end with the line "${END}"; it seems to be cut off.`);
  }
  return lines.slice(begin + 1, end);
}

/** Reads over the lines of one patch. */
class PatchReader {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  operations(): PatchOperation[] {
    const operations: PatchOperation[] = [];
    for (let line = this.#next(); line !== null; line = this.#next()) {
      if (line.trim() === '') continue;
      const header = HEADER.exec(line.trimEnd());
      const path = header?.[2]?.trim() ?? '';
      if (header === null) {
        throw new PatchError(
          `Line not understood where a file header was expected: "${line}". Write "*** Add File: PATH", "*** Update File: PATH" or "*** Delete File: PATH".`,
        );
      }
      if (path === '') throw new PatchError(`"${line}" names no file.`);
      if (header[1] === 'Add File') operations.push(this.#add(path));
      else if (header[1] === 'Update File') operations.push(this.#update(path));
      else operations.push({ kind: 'delete', path });
    }
    if (operations.length === 0) throw new PatchError('The patch is empty.');
    return operations;
  }

  #add(path: string): PatchOperation {
    const lines: string[] = [];
    let blanks = 0;
    for (let line = this.#body(); line !== null; line = this.#body()) {
      if (line === END_OF_FILE) continue;
      if (line.startsWith('+')) {
        // An empty line counts only between two lines of the file.
        lines.push(...Array<string>(blanks).fill(''), line.slice(1));
        blanks = 0;
      } else if (line.trim() === '') {
        if (lines.length > 0) blanks += 1;
      } else {
        throw new PatchError(`${path}: every line of an added file starts with +, not "${line}".`);
      }
    }
    return { kind: 'add', path, lines };
  }

  #update(path: string): PatchOperation {
    const move = MOVE.exec(this.#lines[this.#at]?.trimEnd() ?? '');
    const movePath = move?.[1]?.trim() ?? null;
    if (move !== null) this.#at += 1;
    if (movePath === '') throw new PatchError(`${path}: "*** Move to:" names no file.`);
    const hunks: PatchHunk[] = [];
    for (;;) {
      const hunk = this.#hunk(path, hunks.length + 1);
      if (hunk === null) break;
      hunks.push(hunk);
    }
    if (hunks.length === 0 && movePath === null) {
      throw new PatchError(`${path}: "*** Update File" has no hunk.`);
    }
    return { kind: 'update', path, movePath, hunks };
  }

  #hunk(path: string, number: number): PatchHunk | null {
    const anchors: string[] = [];
    const lines: PatchLine[] = [];
    let headed = false;
    let atEnd = false;
    for (let line = this.#body(); line !== null; line = this.#body()) {
      if (line.startsWith('@@')) {
        if (lines.length > 0) {
          this.#at -= 1;
          break;
        }
        headed = true;
        const anchor = NUMBERED_HUNK.test(line) ? '' : line.slice(2).replace(/^ /, '');
        if (anchor.trim() !== '' && anchor.trim() !== '@@') anchors.push(anchor);
      } else if (line.trimEnd() === END_OF_FILE) {
        atEnd = true;
        break;
      } else {
        lines.push(this.#line(path, number, line));
      }
    }
    const onlyBlank = lines.every((line) => line.kind === 'context' && line.text.trim() === '');
    if (onlyBlank && !headed) return null;
    if (lines.every((line) => line.kind === 'context')) {
      throw new PatchError(
        `${path}: hunk ${String(number)} changes nothing: it has no + or - line.`,
      );
    }
    return { anchors, lines, atEnd };
  }

  #line(path: string, number: number, line: string): PatchLine {
    const text = line.slice(1);
    if (line === '' || line.startsWith(' ')) return { kind: 'context', text };
    if (line.startsWith('+')) return { kind: 'add', text };
    if (line.startsWith('-')) return { kind: 'remove', text };
    throw new PatchError(
      `${path}: hunk ${String(number)} has a line that starts with neither a space, + nor -: "${line}".`,
    );
  }

  #next(): string | null {
    const line = this.#lines[this.#at];
    if (line === undefined) return null;
    this.#at += 1;
    return line;
  }

  /** The next line of this file's part of the patch, or null where the next file or the end comes. */
  #body(): string | null {
    return HEADER.test(this.#lines[this.#at] ?? '') ? null : this.#next();
  }
}

/** Reads a patch in the `*** Begin Patch` envelope. Throws PatchError where it is malformed. */
export function parsePatch(patch: string): readonly PatchOperation[] {
  return new PatchReader(envelope(patch)).operations();
}
