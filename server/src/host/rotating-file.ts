import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname, extname } from 'node:path';

export interface RotationLimits {
  /** A file that has reached this size is put aside before the next line. */
  readonly maxBytes: number;
  /** Files kept, the one written to among them. */
  readonly maxFiles: number;
}

/** Appends lines to a file (0600); full ones move on: `goald.log` becomes `goald.1.log`, that `goald.2.log`, the last is dropped. */
export class RotatingFile {
  readonly #path: string;
  readonly #limits: RotationLimits;
  #file: number | null = null;
  #size = 0;

  /** `path`: absolute; its folder is made with mode 0700. Opened at the first line. */
  constructor(path: string, limits: RotationLimits) {
    this.#path = path;
    this.#limits = limits;
  }

  /** Written when it returns: a line about a crash must not be lost in it. Throws what the file system throws. */
  write(line: string): void {
    let file = this.#file ?? this.#open();
    if (this.#size >= this.#limits.maxBytes) {
      this.#rotate(file);
      file = this.#open();
    }
    this.#size += writeSync(file, line);
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const file = openSync(this.#path, 'a', 0o600);
    this.#size = fstatSync(file).size;
    this.#file = file;
    return file;
  }

  #rotate(file: number): void {
    closeSync(file);
    this.#file = null;
    for (let age = this.#limits.maxFiles - 1; age >= 1; age -= 1) {
      renameIfThere(this.#aged(age - 1), this.#aged(age));
    }
  }

  #aged(age: number): string {
    if (age === 0) return this.#path;
    const end = extname(this.#path);
    return `${this.#path.slice(0, this.#path.length - end.length)}.${age}${end}`;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
