import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileBlobId } from './blob-id.js';
import type { FileStamp } from './file-stamp.js';
import { gitFolderAt } from './git-folder.js';
import { headCommit } from './git-info.js';
import type { IgnoreRules } from './ignore-rules.js';
import { mapLimited } from './map-limited.js';
import { ScopeReader, type ScanScope } from './scan-scope.js';
import { StatCache } from './stat-cache.js';
import { toTree, type ScannedTree, type TreeEntry, type TreeMode } from './tree-entry.js';

const CONCURRENCY = 32;
const LINK_FORMAT = 0o120000n;
const FORMAT_MASK = 0o170000n;
const NO_COMMIT = '0'.repeat(40);

/** The folder to scan is not there. */
export class FolderGoneError extends Error {
  override readonly name = 'FolderGoneError';

  constructor(folder: string) {
    super(`The folder ${folder} is not there any more.`);
  }
}

interface OpenFolder {
  /** From the scope's top. */
  readonly path: string;
  readonly rules: IgnoreRules;
  /** git ignores it; only what is tracked in it counts. */
  readonly isIgnored: boolean;
}

interface FolderContent {
  readonly folders: readonly OpenFolder[];
  readonly files: readonly string[];
  readonly entries: readonly TreeEntry[];
}

interface Blob {
  readonly mode: TreeMode;
  readonly oid: string;
}

const joined = (folder: string, name: string): string =>
  folder === '' ? name : `${folder}/${name}`;

function modeOf(stamp: FileStamp): TreeMode {
  if ((stamp.mode & FORMAT_MASK) === LINK_FORMAT) return '120000';
  return (stamp.mode & 0o100n) === 0n ? '100644' : '100755';
}

/** A file that cannot be read counts by what can be seen of it. */
function unreadable(stamp: FileStamp): Blob {
  const seen = `${String(stamp.size)} ${String(stamp.mtimeNs)}`;
  return { mode: '000000', oid: createHash('sha1').update(seen).digest('hex') };
}

/** Which of the files that git ignores count all the same. Paths are from the scope's top. */
export interface IgnoredToo {
  ignoredFile(path: string): boolean;
  ignoredFolder(path: string): boolean;
}

/** Scans one folder, again and again; content is read only where a stat changed. */
export class TreeScanner {
  readonly #folder: string;
  readonly #also: IgnoredToo | null;
  readonly #scopes = new ScopeReader();
  readonly #blobs = new StatCache<Blob>();
  #running: Promise<unknown> = Promise.resolve();

  constructor(folder: string, also: IgnoredToo | null = null) {
    this.#folder = folder;
    this.#also = also;
  }

  /** One scan at a time. Throws FolderGoneError. */
  async scan(): Promise<{ tree: ScannedTree; scope: ScanScope }> {
    const scan = this.#running.then(() => this.#scan());
    this.#running = scan.catch(() => undefined);
    return scan;
  }

  async #scan(): Promise<{ tree: ScannedTree; scope: ScanScope }> {
    const found = await stat(this.#folder).catch(() => null);
    if (found?.isDirectory() !== true) throw new FolderGoneError(this.#folder);
    this.#scopes.begin();
    this.#blobs.begin();
    const scope = await this.#scopes.scope(this.#folder);
    const entries: TreeEntry[] = [];
    const files: string[] = [];
    let level: OpenFolder[] = [{ path: scope.prefix, rules: scope.rules, isIgnored: false }];
    while (level.length > 0) {
      const contents = await mapLimited(level, CONCURRENCY, (folder) => this.#open(scope, folder));
      for (const content of contents) {
        for (const entry of content.entries) entries.push(entry);
        for (const file of content.files) files.push(file);
      }
      level = contents.flatMap((content) => content.folders);
    }
    const blobs = await mapLimited(files, CONCURRENCY, (path) => this.#blob(scope, path));
    for (const blob of blobs) if (blob !== null) entries.push(blob);
    this.#scopes.end();
    this.#blobs.end();
    return { tree: toTree(entries), scope };
  }

  async #open(scope: ScanScope, folder: OpenFolder): Promise<FolderContent> {
    const content = {
      folders: [] as OpenFolder[],
      files: [] as string[],
      entries: [] as TreeEntry[],
    };
    let dirents: Dirent[];
    try {
      dirents = await readdir(join(scope.top, folder.path), { withFileTypes: true });
    } catch {
      return content;
    }
    for (const dirent of dirents) {
      if (dirent.name === '.git') continue;
      const path = joined(folder.path, dirent.name);
      if (dirent.isDirectory()) {
        const isIgnored = folder.isIgnored || folder.rules.ignores(path, true);
        const isTracked = scope.trackedFolders.has(path) || scope.tracked.has(path);
        if (isIgnored && !isTracked && this.#also?.ignoredFolder(path) !== true) continue;
        const nested = await this.#nested(scope, path);
        if (nested !== null) content.entries.push(nested);
        else content.folders.push(await this.#enter(scope, folder, path, isIgnored));
      } else if (dirent.isFile() || dirent.isSymbolicLink()) {
        const isIgnored = folder.isIgnored || folder.rules.ignores(path, false);
        const counts = !isIgnored || scope.tracked.has(path);
        if (counts || this.#also?.ignoredFile(path) === true) content.files.push(path);
      }
    }
    return content;
  }

  async #enter(
    scope: ScanScope,
    around: OpenFolder,
    path: string,
    isIgnored: boolean,
  ): Promise<OpenFolder> {
    const rules = isIgnored
      ? around.rules
      : await this.#scopes.enter(around.rules, scope.top, path);
    return { path, rules, isIgnored };
  }

  /** A repository within the folder counts as one entry: the commit it stands at. */
  async #nested(scope: ScanScope, path: string): Promise<TreeEntry | null> {
    const git = await gitFolderAt(join(scope.top, path));
    if (git === null) return null;
    const oid = (await headCommit(git)) ?? NO_COMMIT;
    return { path: fromScanned(scope, path), mode: '160000', oid };
  }

  async #blob(scope: ScanScope, path: string): Promise<TreeEntry | null> {
    const absolute = join(scope.top, path);
    const blob = await this.#blobs.get(absolute, async (stamp) => {
      const mode = modeOf(stamp);
      try {
        return { mode, oid: await fileBlobId(absolute, mode === '120000', Number(stamp.size)) };
      } catch {
        return unreadable(stamp);
      }
    });
    return blob === null ? null : { path: fromScanned(scope, path), ...blob };
  }
}

function fromScanned(scope: ScanScope, path: string): string {
  return scope.prefix === '' ? path : path.slice(scope.prefix.length + 1);
}
