import ignore, { type Ignore } from 'ignore';

const escapePath = (path: string): string => path.replace(/[\\*?[\]!# ]/g, '\\$&');

/** A rule of a nested .gitignore, as it reads from the top folder. */
function rebase(rule: string, folder: string): string | null {
  if (rule.trim() === '' || rule.startsWith('#')) return null;
  const negated = rule.startsWith('!');
  const pattern = (negated ? rule.slice(1) : rule).replace(/^\\(?=[!#])/, '');
  const isAnchored = pattern.replace(/\/\s*$/, '').includes('/');
  const place = isAnchored ? pattern.replace(/^\//, '') : `**/${pattern}`;
  return `${negated ? '!' : ''}/${escapePath(folder)}/${place}`;
}

/** gitignore rules gathered from the top folder down to one folder. Immutable. */
export class IgnoreRules {
  readonly #rules: Ignore;
  /** Rules with one more file, by folder and text: the same instance again keeps what it worked out. */
  readonly #below = new Map<string, { text: string; rules: IgnoreRules }>();

  private constructor(rules: Ignore) {
    this.#rules = rules;
  }

  static empty(): IgnoreRules {
    return new IgnoreRules(ignore({ ignorecase: false }));
  }

  /** These rules and those of a file in `folder` (from the top, with `/`; empty for the top itself). */
  with(folder: string, text: string): IgnoreRules {
    const known = this.#below.get(folder);
    if (known?.text === text) return known.rules;
    const lines = text.split(/\r?\n/);
    const own = folder === '' ? lines : lines.flatMap((rule) => rebase(rule, folder) ?? []);
    const rules = new IgnoreRules(ignore({ ignorecase: false }).add(this.#rules).add(own));
    this.#below.set(folder, { text, rules });
    return rules;
  }

  /** `path` from the top, with `/`. */
  ignores(path: string, isFolder: boolean): boolean {
    return this.#rules.ignores(isFolder ? `${path}/` : path);
  }
}
