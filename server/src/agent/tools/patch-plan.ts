import { lstat, readlink } from 'node:fs/promises';
import type { FileUpdateChange } from '@goald/protocol';
import { applyHunks } from './patch-apply.js';
import { PatchError, type PatchOperation } from './patch-parser.js';
import { resolvePatchPath, type PatchPath } from './patch-paths.js';
import { openSame } from './seen-files.js';
import { errorCode } from './tool-error.js';
import type { DiffSide } from './unified-diff.js';

export interface StoredFile {
  readonly bytes: Buffer;
  /** Permission bits. */
  readonly mode: number;
  /** A symlink, of which `bytes` is the target. */
  readonly isLink: boolean;
}

/** One file a patch touches: as it was on disk, and as it shall be. null: not there. */
export interface PlannedFile {
  readonly path: PatchPath;
  readonly before: StoredFile | null;
  after: { readonly text: string; readonly mode: number | null } | null;
  /** The file this one was moved from. */
  movedFrom: PlannedFile | null;
}

async function readStored(path: PatchPath): Promise<StoredFile | null> {
  try {
    const found = await lstat(path.absolute);
    const mode = found.mode & 0o7777;
    if (found.isSymbolicLink()) {
      return { bytes: Buffer.from(await readlink(path.absolute)), mode, isLink: true };
    }
    if (found.isDirectory()) throw new PatchError(`${path.display}: this is a folder, not a file.`);
    if (!found.isFile()) throw new PatchError(`${path.display}: this is not a regular file.`);
    await using same = await openSame(path.absolute);
    if (same === null) throw new PatchError(`${path.display}: this file has just been replaced.`);
    return { bytes: await same.handle.readFile(), mode, isLink: false };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    if (errorCode(error) === 'ENOTDIR') {
      throw new PatchError(`${path.display}: a part of this path is a file, not a folder.`);
    }
    throw error;
  }
}

/** The text of a file, or null when it is binary. */
function textOf(stored: StoredFile | null): string | null {
  if (stored === null) return '';
  if (stored.bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(stored.bytes);
  } catch {
    return null;
  }
}

/** The files of a patch as they will be, worked out in memory. Later operations see what earlier ones did. */
export class PatchPlan {
  readonly #cwd: string;
  readonly #files = new Map<string, PlannedFile>();

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  get files(): readonly PlannedFile[] {
    return [...this.#files.values()];
  }

  /** Throws PatchError when an operation does not fit; nothing was written then. */
  async add(operation: PatchOperation): Promise<void> {
    if (operation.kind === 'add') {
      const file = await this.#file(operation.path, false);
      if (file.after !== null) {
        throw new PatchError(
          `${operation.path}: the file exists already. Use "*** Update File" to change it, or delete it first.`,
        );
      }
      const text = operation.lines.map((line) => `${line}\n`).join('');
      file.after = { text, mode: file.before?.isLink === false ? file.before.mode : null };
    } else if (operation.kind === 'delete') {
      const file = await this.#file(operation.path, false);
      if (file.after === null)
        throw new PatchError(`${operation.path}: there is no such file to delete.`);
      file.after = null;
      file.movedFrom = null;
    } else {
      await this.#update(operation);
    }
  }

  /** What differs between disk and plan, one change a file, a moved file as one. */
  async changes(): Promise<readonly FileUpdateChange[]> {
    const { unifiedDiff } = await import('./unified-diff.js');
    const gone = new Set(
      this.files.flatMap(({ movedFrom }) => (movedFrom?.after === null ? movedFrom : [])),
    );
    return this.files.flatMap((file) =>
      gone.has(file) ? [] : (changeOf(file, unifiedDiff) ?? []),
    );
  }

  async #update(operation: Extract<PatchOperation, { kind: 'update' }>): Promise<void> {
    const file = await this.#file(operation.path, operation.movePath === null);
    if (file.before?.isLink === true && operation.movePath !== null) {
      throw new PatchError(`${operation.path}: this is a symlink; move it with shell.`);
    }
    if (file.after === null) {
      throw new PatchError(
        `${operation.path}: there is no such file to update. Use "*** Add File" for a new one.`,
      );
    }
    const isBinary = textOf(file.before) === null && file.before !== null;
    if (isBinary) throw new PatchError(`${operation.path}: this is a binary file or not UTF-8.`);
    const text = applyHunks(file.after.text, operation.hunks, operation.path);
    if (operation.movePath === null) {
      file.after = { text, mode: file.after.mode };
      return;
    }
    const target = await this.#file(operation.movePath, false);
    if (target.after !== null && target !== file) {
      throw new PatchError(`${operation.movePath}: cannot move a file here, one exists already.`);
    }
    const { mode } = file.after;
    file.after = null;
    target.after = { text, mode };
    target.movedFrom = target === file ? null : (file.movedFrom ?? file);
    if (target !== file) file.movedFrom = null;
  }

  async #file(path: string, followLast: boolean): Promise<PlannedFile> {
    const resolved = await resolvePatchPath(this.#cwd, path, followLast);
    const known = this.#files.get(resolved.absolute);
    if (known !== undefined) return known;
    const before = await readStored(resolved);
    const after = before && { text: textOf(before) ?? '', mode: before.mode };
    const file: PlannedFile = { path: resolved, before, after, movedFrom: null };
    this.#files.set(resolved.absolute, file);
    return file;
  }
}

type UnifiedDiff = (before: DiffSide | null, after: DiffSide | null) => string;

function changeOf(file: PlannedFile, unifiedDiff: UnifiedDiff): FileUpdateChange | null {
  const { after, before, movedFrom } = file;
  const path = file.path.display;
  const next = after === null ? null : { path, text: after.text };
  if (movedFrom !== null && movedFrom.after === null && movedFrom.before !== null) {
    const from = { path: movedFrom.path.display, text: textOf(movedFrom.before) ?? '' };
    const kind = { type: 'update' as const, move_path: path };
    return { path: from.path, kind, diff: unifiedDiff(from, next) };
  }
  if (before === null) {
    return next && { path, kind: { type: 'add' }, diff: next.text };
  }
  const text = textOf(before);
  if (next === null) {
    return { path, kind: { type: 'delete' }, diff: text ?? `Binary file ${path} deleted\n` };
  }
  if (text === next.text && !before.isLink) return null;
  const kind = { type: 'update' as const, move_path: null };
  return { path, kind, diff: unifiedDiff({ path, text: text ?? '' }, next) };
}
