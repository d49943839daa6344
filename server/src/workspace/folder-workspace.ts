import { realpath } from 'node:fs/promises';
import type { GitInfo } from '@goald/protocol';
import type { Workspace, WorkspaceDiff } from '../engine/ports/workspace.js';
import { BaselineStore, MAX_DIFF_BYTES, readContent } from './baseline-store.js';
import { GitBlobs } from './git-blobs.js';
import { readGitInfo } from './git-info.js';
import { findInstructionFiles } from './instruction-files.js';
import type { ScanScope } from './scan-scope.js';
import { treeDiff } from './tree-diff.js';
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
    const git = scope.git === null ? null : new GitBlobs(scope.git);
    const readOld = async ({ oid }: TreeEntry): Promise<Buffer | null> =>
      (await this.#store.content(oid)) ?? (await git?.read(oid, MAX_DIFF_BYTES)) ?? null;
    return treeDiff(
      { entries, read: readOld },
      { entries: tree.entries, read: (entry) => readContent(root, entry) },
    );
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
