import { stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { readIfFile } from './seen-files.js';

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

async function readRules(file: string): Promise<string | null> {
  return readIfFile(file);
}

/** What git ignores in one folder and below: the rules of the folders above it and its own. */
export class IgnoreRules {
  /** Absolute top folder; paths of `ignores` start there. */
  readonly top: string;
  readonly #rules: Ignore;

  private constructor(top: string, rules: Ignore) {
    this.top = top;
    this.#rules = rules;
  }

  /** The rules that hold in `folder`: from the root of its repository down to it. */
  static async forFolder(folder: string): Promise<IgnoreRules> {
    const top = await repositoryRoot(folder);
    const inside = top === null ? '' : relative(top, folder).split(sep).join('/');
    if (top !== null && inside !== '') {
      let rules = await IgnoreRules.#atTop(top);
      const parts = inside.split('/');
      for (const depth of parts.keys())
        rules = await rules.enter(parts.slice(0, depth + 1).join('/'));
      // Asked for by name, an ignored folder is looked into.
      if (!rules.ignores(inside, true)) return rules;
    }
    return IgnoreRules.#atTop(folder);
  }

  static async #atTop(top: string): Promise<IgnoreRules> {
    const rules = ignore({ ignorecase: false });
    for (const file of ['.git/info/exclude', '.gitignore']) {
      const text = await readRules(join(top, file));
      if (text !== null) rules.add(text);
    }
    return new IgnoreRules(top, rules);
  }

  /** The rules inside a folder: these and those of its own .gitignore. `folder` is relative to the top, with `/`. */
  async enter(folder: string): Promise<IgnoreRules> {
    const text = await readRules(join(this.top, folder, '.gitignore'));
    if (text === null) return this;
    const nested = text.split(/\r?\n/).flatMap((rule) => rebase(rule, folder) ?? []);
    const rules = ignore({ ignorecase: false }).add(this.#rules).add(nested);
    return new IgnoreRules(this.top, rules);
  }

  /** `path` is relative to the top, with `/`. */
  ignores(path: string, isFolder: boolean): boolean {
    return path === '.git' || this.#rules.ignores(isFolder ? `${path}/` : path);
  }
}

/** The nearest folder at or above with a `.git`, or null. */
async function repositoryRoot(folder: string): Promise<string | null> {
  const found = await stat(join(folder, '.git')).catch(() => null);
  if (found !== null) return folder;
  return dirname(folder) === folder ? null : repositoryRoot(dirname(folder));
}
