import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

const NEWLINE = 0x0a;
/** As git looks at it: a file with a NUL byte near its start is binary. */
const SNIFF_BYTES = 8000;

/** Whether a file has a NUL byte in its first bytes. */
export async function isBinaryFile(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    return buffer.subarray(0, bytesRead).includes(0);
  } finally {
    await file.close();
  }
}

export interface TextWindow {
  /** The lines asked for, without their line ends. */
  readonly lines: readonly string[];
  readonly totalLines: number;
}

/** Cuts a line that is too long to show. */
export function cutLine(line: string, maxChars: number): string {
  if (line.length <= maxChars) return line;
  return `${line.slice(0, maxChars)}… [${String(line.length - maxChars)} more characters]`;
}

/** Gathers the bytes of one line, up to a limit. */
class LineBytes {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #kept = 0;
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  add(bytes: Buffer): void {
    const room = Math.max(0, this.#maxBytes - this.#kept);
    const part = bytes.subarray(0, room);
    if (part.length > 0) this.#parts.push(part);
    this.#kept += part.length;
    this.#length += bytes.length;
  }

  take(maxChars: number): string {
    const text = Buffer.concat(this.#parts).toString('utf8').replace(/\r$/, '');
    const lost = this.#length - this.#kept;
    const line =
      lost === 0
        ? cutLine(text, maxChars)
        : `${text.slice(0, maxChars)}… [line of ${String(this.#length)} bytes]`;
    this.#parts = [];
    this.#kept = 0;
    this.#length = 0;
    return line;
  }
}

/**
 * Reads `limit` lines from the 1-based line `offset` and counts all of them, in constant memory. Lines longer than
 * `maxLineChars` are cut and say so.
 */
export async function readTextWindow(
  path: string,
  options: { offset: number; limit: number; maxLineChars: number; signal: AbortSignal },
): Promise<TextWindow> {
  const { offset, limit, maxLineChars, signal } = options;
  const lines: string[] = [];
  const line = new LineBytes(maxLineChars * 4);
  let number = 1;
  let hasRest = false;
  const isShown = (): boolean => number >= offset && number < offset + limit;
  for await (const chunk of createReadStream(path, { signal })) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      if (isShown()) {
        line.add(bytes.subarray(start, end));
        lines.push(line.take(maxLineChars));
      }
      number += 1;
      start = end + 1;
    }
    hasRest = start < bytes.length;
    if (hasRest && isShown()) line.add(bytes.subarray(start));
  }
  const isLastOpen = hasRest || !line.isEmpty;
  if (isLastOpen && isShown()) lines.push(line.take(maxLineChars));
  return { lines, totalLines: isLastOpen ? number : number - 1 };
}
