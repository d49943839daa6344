import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import type {
  FileState,
  FoundBreach,
  GuardedFiles,
  GuardMark,
  PathRules,
  UndoResult,
} from '../../engine/ports/path-guard.js';
import { BaselineStore } from '../baseline-store.js';
import { GitBlobs } from '../git-blobs.js';
import { ScopeReader, type ScanScope } from '../scan-scope.js';
import { changedPaths } from '../tree-diff.js';
import type { TreeEntry } from '../tree-entry.js';
import { FolderGoneError, TreeScanner } from '../tree-scanner.js';
import { fileAt, isPlainWay, sameState } from './file-state.js';
import { PathRuleSet } from './path-rules.js';
import { keepCopy, putBack, takeAway } from './put-back.js';

const MAX_SCANNERS = 16;
const KEEP_ATTEMPTS = 4;
/** A larger file is not copied, so it is not overwritten either. */
const MAX_COPY_BYTES = 64 * 1024 * 1024;
/** Kernels stamp files with a clock that lags behind a little. */
const CLOCK_SLACK_MS = 50;
const UNDOABLE: ReadonlySet<string> = new Set(['100644', '100755', '120000']);

interface Guarded {
  /** Where patterns begin: the repository's folder, or the goal's where there is none. */
  readonly top: string;
  readonly scanner: TreeScanner;
  readonly rules: PathRuleSet;
}

const kept = (reason: string): UndoResult => ({ undone: false, reason, keptAs: null });

/** Watches over the files of folders that path constraints protect. */
export class GuardedFolders implements GuardedFiles {
  readonly #store: BaselineStore;
  readonly #scanners = new Map<string, TreeScanner>();

  /** `storeDir`: absolute folder for what was kept; made when needed. */
  constructor(options: { storeDir: string }) {
    this.#store = new BaselineStore(options.storeDir);
  }

  async keep(cwd: string, rules: PathRules): Promise<GuardMark> {
    const { top, scanner, rules: set } = await this.#guarded(cwd, rules);
    for (let attempt = 1; ; attempt += 1) {
      const keptAtMs = Date.now();
      const { tree, scope } = await scanner.scan();
      const wanted = tree.entries.filter(
        (entry) => set.forbids(entry.path) !== null && scope.tracked.get(entry.path) !== entry.oid,
      );
      const isWhole = await this.#store.keepContents(top, wanted);
      if (!isWhole && attempt < KEEP_ATTEMPTS) continue;
      if (!(await this.#store.has(top, tree.id))) {
        await this.#store.keepManifest(top, tree.id, tree.entries);
      }
      return { treeId: tree.id, keptAtMs, rules };
    }
  }

  async breaches(cwd: string, mark: GuardMark): Promise<readonly FoundBreach[]> {
    const { top, scanner, rules } = await this.#guarded(cwd, mark.rules);
    const before = await this.#store.entries(top, mark.treeId);
    if (before === null) return [];
    const { tree } = await scanner.scan();
    const changed = changedPaths(before, tree.entries);
    const found = new Map<string, FoundBreach>();
    for (const [path, pair] of changed) {
      const rule = rules.forbids(path);
      if (rule === null) continue;
      const breach = await this.#breach(top, mark, { path, rule, pair });
      if (breach !== null) found.set(path, breach);
    }
    // What took the place of a folder that has to come back is in its way.
    const pairs = new Map(changed);
    for (const breach of [...found.values()]) {
      if (breach.before === null) continue;
      for (const path of foldersOf(breach.path)) {
        const pair = pairs.get(path);
        if (pair === undefined || found.has(path)) continue;
        const rule = `in the way of ${breach.path}`;
        const obstacle = await this.#breach(top, mark, { path, rule, pair });
        if (obstacle?.change === 'added') found.set(path, obstacle);
      }
    }
    const rank = (breach: FoundBreach): number => (breach.change === 'added' ? 0 : 1);
    return [...found.values()].sort((a, b) => rank(a) - rank(b));
  }

  async undo(cwd: string, mark: GuardMark, breach: FoundBreach, into: string): Promise<UndoResult> {
    try {
      return await this.#undo(cwd, mark, breach, into);
    } catch (error) {
      return kept(error instanceof Error ? error.message : String(error));
    }
  }

  async refuser(cwd: string, rules: PathRules): Promise<(absolutePath: string) => string | null> {
    const { top, rules: set } = await this.#guarded(cwd, rules);
    return (absolutePath) => {
      const path = relative(top, absolutePath).split(sep).join('/');
      if (path === '' || path === '..' || path.startsWith('../') || isAbsolute(path)) return null;
      return set.forbids(path);
    };
  }

  /** null when the file is what it was after all: only what git ignores has changed. */
  async #breach(
    top: string,
    mark: GuardMark,
    at: { path: string; rule: string; pair: readonly [TreeEntry | null, TreeEntry | null] },
  ): Promise<FoundBreach | null> {
    const { path, rule, pair } = at;
    const [old, now] = pair;
    const before = old && stateOf(old);
    if (now?.mode === '160000' || now?.mode === '000000') {
      return {
        path,
        rule,
        change: before === null ? 'added' : 'modified',
        before,
        seen: stateOf(now),
      };
    }
    const file = await fileAt(top, path);
    const seen = file?.state ?? null;
    if (sameState(before, seen)) return null;
    // A file older than the mark was there all the time and is merely no longer ignored.
    if (before === null && file !== null && file.ctimeMs < mark.keptAtMs - CLOCK_SLACK_MS) {
      return null;
    }
    const change = before === null ? 'added' : seen === null ? 'deleted' : 'modified';
    return { path, rule, change, before, seen };
  }

  async #undo(
    cwd: string,
    mark: GuardMark,
    breach: FoundBreach,
    into: string,
  ): Promise<UndoResult> {
    const { path, before, seen } = breach;
    for (const state of [before, seen]) {
      if (state !== null && !UNDOABLE.has(state.mode)) {
        return kept('a repository within the folder, or what cannot be read, is not touched');
      }
    }
    const { top, scanner } = await this.#guarded(cwd, mark.rules);
    if (!(await isPlainWay(top, path))) return kept('its folder is a link or a file now');
    const { scope } = await scanner.scan();
    const content = before === null ? null : await this.#content(scope, before);
    if (before !== null && content === null) {
      return kept('its content was not kept: it is larger than 1 MiB and not in git');
    }
    const file = await fileAt(top, path);
    if (!sameState(file?.state ?? null, seen)) return kept('it has changed again since');
    if ((file?.size ?? 0) > MAX_COPY_BYTES) {
      return kept('what stands there now is too large to keep a copy of');
    }
    const copies = seen !== null && seen.mode !== '120000';
    const keptAs = copies ? await keepCopy(top, path, into) : null;
    if (before !== null && content !== null) await putBack(top, path, before, content);
    else await takeAway(top, path, await this.#hadFiles(top, mark));
    return { undone: true, reason: null, keptAs };
  }

  async #content(scope: ScanScope, { oid }: FileState): Promise<Buffer | null> {
    const stored = await this.#store.content(oid);
    if (stored !== null || scope.git === null) return stored;
    return new GitBlobs(scope.git).read(oid, MAX_COPY_BYTES);
  }

  async #hadFiles(top: string, mark: GuardMark): Promise<(folder: string) => boolean> {
    const entries = (await this.#store.entries(top, mark.treeId)) ?? [];
    const folders = new Set(entries.flatMap(({ path }) => foldersOf(path)));
    return (folder) => folders.has(folder);
  }

  async #guarded(cwd: string, rules: PathRules): Promise<Guarded> {
    const root = await realpath(cwd).catch(() => {
      throw new FolderGoneError(cwd);
    });
    const reader = new ScopeReader();
    const { top } = await reader.scope(root);
    const set = new PathRuleSet(rules);
    return { top, rules: set, scanner: this.#scanner(top, rules, set) };
  }

  #scanner(top: string, rules: PathRules, set: PathRuleSet): TreeScanner {
    const key = JSON.stringify([top, rules.allow, rules.deny]);
    const scanner =
      this.#scanners.get(key) ??
      new TreeScanner(top, {
        ignoredFile: (path) => set.denies(path, false),
        ignoredFolder: (path) => set.entersIgnored(path),
      });
    this.#scanners.delete(key);
    this.#scanners.set(key, scanner);
    for (const oldest of this.#scanners.keys()) {
      if (this.#scanners.size <= MAX_SCANNERS) break;
      this.#scanners.delete(oldest);
    }
    return scanner;
  }
}

function stateOf({ mode, oid }: TreeEntry): FileState {
  return { mode, oid };
}

/** The folders a path lies in, the innermost first. */
function foldersOf(path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    folders.push(path.slice(0, at));
  }
  return folders;
}
