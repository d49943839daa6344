import ignore, { type Ignore } from 'ignore';
import type { PathRules } from '../../engine/ports/path-guard.js';

const OUTSIDE_ALLOW = 'not in allow';
const WILDCARD = /[*?[\]\\!]/;

/** macOS knows one file by several spellings. */
const ignorecase = process.platform === 'darwin';

const matcher = (patterns: readonly string[]): Ignore => ignore({ ignorecase }).add([...patterns]);

/** The folders a pattern names before its first wildcard, from the top; empty where it can match anywhere. */
function literalFolder(pattern: string): string {
  if (pattern.startsWith('!') || !pattern.replace(/\/$/, '').includes('/')) return '';
  const parts = pattern.replace(/^\//, '').split('/');
  const wild = parts.findIndex((part) => WILDCARD.test(part));
  return (wild === -1 ? parts.slice(0, -1) : parts.slice(0, wild)).join('/');
}

/** What path constraints say of one path. Paths are from the repository's folder, with `/`. */
export class PathRuleSet {
  readonly #allow: Ignore | null;
  readonly #deny: Ignore;
  readonly #single: readonly (readonly [pattern: string, matcher: Ignore])[];
  readonly #folders: readonly string[];

  constructor(rules: PathRules) {
    this.#allow = rules.allow.length === 0 ? null : matcher(rules.allow);
    this.#deny = matcher(rules.deny);
    this.#single = rules.deny.map((pattern) => [pattern, matcher([pattern])]);
    this.#folders = rules.deny.map(literalFolder).filter((folder) => folder !== '');
  }

  /** The rule that forbids changing this path, in words; null when it may be changed. */
  forbids(path: string): string | null {
    if (this.denies(path, false)) {
      const found = this.#single.find(([, one]) => one.ignores(path) || one.ignores(`${path}/`));
      return `deny ${found?.[0] ?? ''}`.trimEnd();
    }
    return this.#allow === null || this.#allow.ignores(path) ? null : OUTSIDE_ALLOW;
  }

  /** A pattern for a folder also names a link or file that takes the folder's place. */
  denies(path: string, isFolder: boolean): boolean {
    return this.#deny.ignores(`${path}/`) || (!isFolder && this.#deny.ignores(path));
  }

  /** Whether a folder that git ignores has to be looked into all the same. */
  entersIgnored(folder: string): boolean {
    return (
      this.denies(folder, true) ||
      this.#folders.some((one) => one === folder || one.startsWith(`${folder}/`))
    );
  }
}
