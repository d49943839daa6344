import { join, relative, sep } from 'node:path';
import { findGitFolder, type GitFolder } from './git-folder.js';
import { parseGitIndex } from './git-index.js';
import { IgnoreRules } from './ignore-rules.js';
import { bytesIfFile, readIfFile } from './plain-file.js';
import { StatCache } from './stat-cache.js';

/** What of a folder counts, worked out before it is walked. */
export interface ScanScope {
  readonly git: GitFolder | null;
  /** Absolute folder where the paths of rules begin. */
  readonly top: string;
  /** The scanned folder from `top`, with `/`; empty when it is the same. */
  readonly prefix: string;
  readonly rules: IgnoreRules;
  /** Path from `top` -> blob id, as git's index has it. */
  readonly tracked: ReadonlyMap<string, string>;
  readonly trackedFolders: ReadonlySet<string>;
}

interface Tracked {
  readonly files: ReadonlyMap<string, string>;
  readonly folders: ReadonlySet<string>;
}

const NOTHING: Tracked = { files: new Map(), folders: new Set() };

function withFolders(files: ReadonlyMap<string, string>): Tracked {
  const folders = new Set<string>();
  for (const path of files.keys()) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return { files, folders };
}

/** Reads ignore files and git's index, each only when it changed. */
export class ScopeReader {
  readonly #texts = new StatCache<string>();
  readonly #indexes = new StatCache<Tracked>();
  readonly #empty = IgnoreRules.empty();

  begin(): void {
    this.#texts.begin();
    this.#indexes.begin();
  }

  end(): void {
    this.#texts.end();
    this.#indexes.end();
  }

  async scope(folder: string): Promise<ScanScope> {
    const git = await findGitFolder(folder);
    const { files, folders } = git === null ? NOTHING : await this.#tracked(git);
    const shared = { git, tracked: files, trackedFolders: folders };
    if (git !== null && git.root !== folder) {
      const prefix = relative(git.root, folder).split(sep).join('/');
      const rules = await this.#rulesDownTo(git, prefix);
      const isOurs = !rules.ignores(prefix, true) || folders.has(prefix);
      if (isOurs) return { ...shared, top: git.root, prefix, rules };
    } else if (git !== null) {
      return { ...shared, top: git.root, prefix: '', rules: await this.#rulesOf(git) };
    }
    // No repository, or one that ignores this folder as a whole: it stands for itself.
    const rules = await this.enter(this.#empty, folder, '');
    return { ...shared, ...NOTHING_TRACKED, top: folder, prefix: '', rules };
  }

  /** The rules inside `path` (from `top`), given those around it. */
  async enter(rules: IgnoreRules, top: string, path: string): Promise<IgnoreRules> {
    const text = await this.#text(join(top, path, '.gitignore'));
    return text === null || text === '' ? rules : rules.with(path, text);
  }

  async #rulesOf(git: GitFolder): Promise<IgnoreRules> {
    const exclude = await this.#text(join(git.commonDir, 'info', 'exclude'));
    const rules = exclude === null ? this.#empty : this.#empty.with('', exclude);
    return this.enter(rules, git.root, '');
  }

  async #rulesDownTo(git: GitFolder, prefix: string): Promise<IgnoreRules> {
    let rules = await this.#rulesOf(git);
    const parts = prefix.split('/');
    for (const depth of parts.keys()) {
      rules = await this.enter(rules, git.root, parts.slice(0, depth + 1).join('/'));
    }
    return rules;
  }

  async #text(path: string): Promise<string | null> {
    return this.#texts.get(path, () => readIfFile(path).then((text) => text ?? ''));
  }

  async #tracked(git: GitFolder): Promise<Tracked> {
    const path = join(git.gitDir, 'index');
    const found = await this.#indexes.get(path, async () => {
      const bytes = await bytesIfFile(path);
      try {
        return bytes === null ? NOTHING : withFolders(parseGitIndex(bytes));
      } catch {
        return NOTHING;
      }
    });
    return found ?? NOTHING;
  }
}

const NOTHING_TRACKED = { tracked: NOTHING.files, trackedFolders: NOTHING.folders };
