import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { IgnoreRules } from './ignore-rules.js';

export interface WalkEntry {
  /** From the folder the walk began in, with `/`. */
  readonly path: string;
  readonly kind: 'folder' | 'file' | 'link';
  /** 1 for what lies directly in that folder. */
  readonly depth: number;
}

interface OpenFolder {
  readonly path: string;
  readonly rules: IgnoreRules;
}

const joined = (folder: string, name: string): string =>
  folder === '' ? name : `${folder}/${name}`;

async function entriesOf(root: string, folder: OpenFolder): Promise<Omit<WalkEntry, 'depth'>[]> {
  const absolute = join(root, folder.path);
  const fromTop = relative(folder.rules.top, absolute).split(sep).join('/');
  const found = await readdir(absolute, { withFileTypes: true }).catch(() => []);
  const entries: Omit<WalkEntry, 'depth'>[] = [];
  for (const entry of found) {
    const isKnown = entry.isDirectory() || entry.isFile() || entry.isSymbolicLink();
    const isIgnored =
      entry.name === '.git' ||
      folder.rules.ignores(joined(fromTop, entry.name), entry.isDirectory());
    if (!isKnown || isIgnored) continue;
    const kind = entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'link';
    entries.push({ path: joined(folder.path, entry.name), kind });
  }
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Everything in a folder that git does not ignore, the upper levels first. Symlinks are not followed. */
export async function* walkFolder(root: string, maxDepth = Infinity): AsyncGenerator<WalkEntry> {
  let level: OpenFolder[] = [{ path: '', rules: await IgnoreRules.forFolder(root) }];
  for (let depth = 1; depth <= maxDepth && level.length > 0; depth += 1) {
    const next: OpenFolder[] = [];
    for (const folder of level) {
      for (const entry of await entriesOf(root, folder)) {
        yield { ...entry, depth };
        if (entry.kind !== 'folder' || depth === maxDepth) continue;
        const fromTop = relative(folder.rules.top, join(root, entry.path)).split(sep).join('/');
        next.push({ path: entry.path, rules: await folder.rules.enter(fromTop) });
      }
    }
    level = next;
  }
}
