import type { ViewRule } from '../../engine/ports/view-rules.js';

/** What the search worker is to do. */
export interface SearchJob {
  /** Absolute file or folder. */
  readonly root: string;
  /** Goes before the paths found, so that they start at the goal's folder; may be empty. */
  readonly prefix: string;
  readonly isFile: boolean;
  readonly source: string;
  readonly flags: string;
  readonly glob: string | null;
  readonly maxMatches: number;
  /** What commands see; null: everything. */
  readonly view: readonly ViewRule[] | null;
}

export interface SearchMatch {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** What the worker says: the matches file by file, then the end. */
export type SearchReport =
  | { readonly kind: 'matches'; readonly matches: readonly SearchMatch[] }
  | {
      readonly kind: 'done';
      readonly files: number;
      readonly skippedLarge: number;
      /** More matches than allowed. */
      readonly isFull: boolean;
    };
