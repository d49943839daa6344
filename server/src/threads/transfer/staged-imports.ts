import { ProtocolError } from '@goald/protocol';

export interface ImportPage {
  readonly importId: string;
  /** Line of the first row, from 1. */
  readonly firstLine: number;
  readonly rows: readonly unknown[];
  readonly isLast: boolean;
  /** Absolute folder in the place of the threads' own. */
  readonly cwd?: string | null | undefined;
}

interface Staged {
  readonly rows: unknown[];
  bytes: number;
  touchedMs: number;
}

const MOST_BYTES = 256 * 1024 * 1024;
const FORGOTTEN_MS = 10 * 60_000;

/** Rows of imports whose last page has not come yet. In memory: a client that is cut off begins again. */
export class StagedImports {
  readonly #imports = new Map<string, Staged>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes a page, also one that came before. Answers how many lines there are now. Throws invalid_params and invalid_request. */
  add({ importId, firstLine, rows }: ImportPage): number {
    this.#forgetOld();
    const staged = this.#imports.get(importId) ?? { rows: [], bytes: 0, touchedMs: 0 };
    const known = staged.rows.length;
    if (firstLine > known + 1) {
      const message = `line ${String(known + 1)} is to come next, not ${String(firstLine)}: begin again from line 1 with a new importId`;
      throw new ProtocolError('invalid_params', `Wrong page: ${message}.`, {
        issues: [{ path: ['firstLine'], message }],
      });
    }
    const fresh = rows.slice(known + 1 - firstLine);
    staged.bytes += JSON.stringify(fresh).length;
    if (this.#bytes(staged) > MOST_BYTES) {
      this.#imports.delete(importId);
      throw new ProtocolError(
        'invalid_request',
        `The import is larger than ${String(MOST_BYTES / 1024 / 1024)} MiB: import its threads one by one.`,
      );
    }
    staged.rows.push(...fresh);
    staged.touchedMs = this.#now();
    this.#imports.set(importId, staged);
    return staged.rows.length;
  }

  rows(importId: string): readonly unknown[] {
    return this.#imports.get(importId)?.rows ?? [];
  }

  drop(importId: string): void {
    this.#imports.delete(importId);
  }

  #bytes(added: Staged): number {
    const others = [...this.#imports.values()].filter((staged) => staged !== added);
    return [added, ...others].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #forgetOld(): void {
    for (const [id, { touchedMs }] of this.#imports) {
      if (this.#now() - touchedMs > FORGOTTEN_MS) this.#imports.delete(id);
    }
  }
}
