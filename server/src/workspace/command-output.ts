import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import { CappedOutput } from './capped-output.js';

const MAX_KEPT_BYTES = 1024 * 1024;
/** A command that floods must not fill the disk. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;
/** How much of the end of an output is appended to a file that was full before. */
const LAST_BYTES = 64 * 1024;

export interface CommandOutputOptions {
  /** Absolute; made with its folder. */
  readonly path?: string | undefined;
  readonly maxBytes?: number | undefined;
  /** The end of a longer output is appended to the file when it is closed. */
  readonly keepsEnd?: boolean | undefined;
  readonly onOutput?: ((text: string) => void) | undefined;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Where the output of one command goes: to memory within limits, to a file, to a listener. */
export class CommandOutput {
  readonly #kept = new CappedOutput(MAX_KEPT_BYTES);
  readonly #decoder = new StringDecoder('utf8');
  readonly #onOutput: ((text: string) => void) | undefined;
  readonly #file: WriteStream | null;
  readonly #maxBytes: number;
  /** What comes after a full file, where its end is wanted. */
  readonly #last: CappedOutput | null;
  #fileBytes = 0;
  #fileProblem: string | null = null;

  private constructor(
    file: WriteStream | null,
    problem: string | null,
    { maxBytes, keepsEnd, onOutput }: CommandOutputOptions,
  ) {
    this.#file = file;
    this.#fileProblem = problem;
    this.#maxBytes = maxBytes ?? MAX_FILE_BYTES;
    this.#onOutput = onOutput;
    this.#last = keepsEnd === true ? new CappedOutput(LAST_BYTES) : null;
    file?.on('error', (error) => {
      this.#fileProblem ??= messageOf(error);
    });
  }

  /** Makes the file with its folder. A file that cannot be made does not stop the command: the text says so. */
  static async open(options: CommandOutputOptions): Promise<CommandOutput> {
    const { path } = options;
    if (path === undefined) return new CommandOutput(null, null, options);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    } catch (error) {
      return new CommandOutput(null, messageOf(error), options);
    }
    return new CommandOutput(createWriteStream(path, { mode: 0o600 }), null, options);
  }

  get isTruncated(): boolean {
    return this.#kept.isTruncated;
  }

  /** Bytes written to the file; null without one. */
  get fileBytes(): number | null {
    return this.#file === null ? null : this.#fileBytes;
  }

  get isFileTruncated(): boolean {
    return this.#fileProblem !== null;
  }

  /** False when the file cannot keep up: wait for `writable` before the next piece. */
  add(chunk: Buffer): boolean {
    this.#kept.add(chunk);
    const text = this.#decoder.write(chunk);
    if (text !== '') this.#onOutput?.(text);
    return this.#write(chunk);
  }

  /** Calls back once the file takes more, or never will again. */
  writable(callback: () => void): void {
    const file = this.#file;
    if (file === null || file.destroyed || !file.writableNeedDrain) {
      callback();
      return;
    }
    const done = (): void => {
      file.off('drain', done);
      file.off('close', done);
      callback();
    };
    file.on('drain', done);
    file.on('close', done);
  }

  /** Waits until the file has everything, and gives the kept text. */
  async close(): Promise<string> {
    const rest = this.#decoder.end();
    if (rest !== '') this.#onOutput?.(rest);
    if (this.#file !== null && !this.#file.destroyed) {
      const last = this.#last?.text() ?? '';
      if (last !== '') this.#file.write(`\n[… over ${String(this.#maxBytes)} bytes …]\n${last}`);
      this.#file.end();
      await finished(this.#file).catch((error: unknown) => {
        this.#fileProblem ??= messageOf(error);
      });
    }
    const text = this.#kept.text();
    if (this.#fileProblem === null) return text;
    return `${text}\n[the full output could not be kept: ${this.#fileProblem}]`;
  }

  #write(chunk: Buffer): boolean {
    if (this.#file === null || this.#fileProblem !== null) return true;
    const room = this.#maxBytes - this.#fileBytes;
    const kept = chunk.subarray(0, room);
    if (kept.length < chunk.length) {
      if (this.#last === null) {
        this.#fileProblem = `it is over ${String(this.#maxBytes)} bytes, the rest is left out`;
      } else this.#last.add(chunk.subarray(kept.length));
    }
    this.#fileBytes += kept.length;
    return kept.length === 0 || this.#file.write(kept);
  }
}
