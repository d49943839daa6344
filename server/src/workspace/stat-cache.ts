import { lstat } from 'node:fs/promises';
import { isRacy, sameStamp, stampOf, type FileStamp } from './file-stamp.js';

interface Entry<T> {
  readonly stamp: FileStamp;
  readonly value: T;
  readonly scan: number;
}

/** Remembers what was worked out from a file's content for as long as its stat stays. */
export class StatCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  #scan = 0;

  /** Begins a scan. */
  begin(): void {
    this.#scan += 1;
  }

  /** Ends a scan: forgets the files it did not see. */
  end(): void {
    for (const [path, entry] of this.#entries) {
      if (entry.scan !== this.#scan) this.#entries.delete(path);
    }
  }

  /** The value of a file as it stands; `read` only runs where the stat changed or cannot be trusted. null: no such file. */
  async get(path: string, read: (stamp: FileStamp) => Promise<T>): Promise<T | null> {
    let stats;
    try {
      stats = await lstat(path, { bigint: true });
    } catch {
      return null;
    }
    const stamp = stampOf(stats);
    const known = this.#entries.get(path);
    if (known !== undefined && sameStamp(known.stamp, stamp)) {
      this.#entries.set(path, { ...known, scan: this.#scan });
      return known.value;
    }
    const readAtMs = Date.now();
    const value = await read(stamp);
    if (isRacy(stamp, readAtMs)) this.#entries.delete(path);
    else this.#entries.set(path, { stamp, value, scan: this.#scan });
    return value;
  }
}
