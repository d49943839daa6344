import { realpath } from 'node:fs/promises';
import type { Coverage, GitInfo } from '@goald/protocol';
import type { FileTexts, Workspace, WorkspaceDiff } from '../engine/ports/workspace.js';
import { BaselineStore, MAX_DIFF_BYTES, readContent } from './baseline-store.js';
import { keepCoverage } from './coverage-files.js';
import { GitBlobs } from './git-blobs.js';
import { readGitInfo } from './git-info.js';
import { findInstructionFiles } from './instruction-files.js';
import type { ScanScope } from './scan-scope.js';
import { changedPaths, treeDiff, type ContentReader } from './tree-diff.js';
import type { TreeEntry } from './tree-entry.js';
import { FolderGoneError, TreeScanner } from './tree-scanner.js';

/** Folders whose file stats are remembered. */
const MAX_SCANNERS = 16;
/** A file that changes while it is kept makes the scan start over, this often. */
const KEEP_ATTEMPTS = 4;

/** Whether git's objects hold an entry's content: then the index names the same blob. */
function isInGit(scope: ScanScope, entry: TreeEntry): boolean {
  const path = scope.prefix === '' ? entry.path : `${scope.prefix}/${entry.path}`;
  return scope.git !== null && scope.tracked.get(path) === entry.oid;
}

/** Folders on this machine as the engine sees them. */
export class FolderWorkspace implements Workspace {
  readonly #store: BaselineStore;
  readonly #scanners = new Map<string, TreeScanner>();

  /** `storeDir`: absolute folder for kept baselines; made when needed. */
  constructor(options: { storeDir: string }) {
    this.#store = new BaselineStore(options.storeDir);
  }

  async treeId(cwd: string): Promise<string> {
    const { tree } = await this.#scanner(await realFolder(cwd)).scan();
    return tree.id;
  }

  async keepBaseline(cwd: string): Promise<string> {
    const root = await realFolder(cwd);
    for (let attempt = 1; ; attempt += 1) {
      const { tree, scope } = await this.#scanner(root).scan();
      if (await this.#store.has(root, tree.id)) return tree.id;
      const wanted = tree.entries.filter((entry) => !isInGit(scope, entry));
      const isWhole = await this.#store.keepContents(root, wanted);
      if (!isWhole && attempt < KEEP_ATTEMPTS) continue;
      await this.#store.keepManifest(root, tree.id, tree.entries);
      return tree.id;
    }
  }

  async diffFrom(cwd: string, baselineTreeId: string): Promise<WorkspaceDiff | null> {
    const root = await realFolder(cwd);
    const entries = await this.#store.entries(root, baselineTreeId);
    if (entries === null) return null;
    const { tree, scope } = await this.#scanner(root).scan();
    return treeDiff(
      { entries, read: this.#oldContents(scope) },
      { entries: tree.entries, read: (entry) => readContent(root, entry) },
    );
  }

  async changedSince(cwd: string, baselineTreeId: string): Promise<readonly string[] | null> {
    const root = await realFolder(cwd);
    const entries = await this.#store.entries(root, baselineTreeId);
    if (entries === null) return null;
    const { tree } = await this.#scanner(root).scan();
    return changedPaths(entries, tree.entries).map(([path]) => path);
  }

  async textsOf(cwd: string, baselineTreeId: string, path: string): Promise<FileTexts> {
    const root = await realFolder(cwd);
    const entries = await this.#store.entries(root, baselineTreeId);
    const { tree, scope } = await this.#scanner(root).scan();
    const before = entries?.find((entry) => entry.path === path);
    const after = tree.entries.find((entry) => entry.path === path);
    const old = before === undefined ? null : await this.#oldContents(scope)(before);
    const now = after === undefined ? null : await readContent(root, after);
    return { before: old?.toString('utf8') ?? null, after: now?.toString('utf8') ?? null };
  }

  keepCoverage(
    cwd: string,
    options: { readonly into: string; readonly sinceMs: number },
  ): Promise<Coverage | null> {
    return keepCoverage(cwd, options);
  }

  gitInfo(cwd: string): Promise<GitInfo | null> {
    return readGitInfo(cwd);
  }

  async instructionFiles(cwd: string): Promise<readonly string[]> {
    try {
      return await findInstructionFiles(cwd);
    } catch {
      return [];
    }
  }

  /** Reads what a kept baseline had: from what was kept, else from git. */
  #oldContents(scope: ScanScope): ContentReader {
    const git = scope.git === null ? null : new GitBlobs(scope.git);
    return async ({ oid }) =>
      (await this.#store.content(oid)) ?? (await git?.read(oid, MAX_DIFF_BYTES)) ?? null;
  }

  #scanner(root: string): TreeScanner {
    const scanner = this.#scanners.get(root) ?? new TreeScanner(root);
    this.#scanners.delete(root);
    this.#scanners.set(root, scanner);
    for (const oldest of this.#scanners.keys()) {
      if (this.#scanners.size <= MAX_SCANNERS) break;
      this.#scanners.delete(oldest);
    }
    return scanner;
  }
}

async function realFolder(cwd: string): Promise<string> {
  return realpath(cwd).catch(() => {
    throw new FolderGoneError(cwd);
  });
}
