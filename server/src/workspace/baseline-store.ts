import { createHash } from 'node:crypto';
import { access, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeAtomic } from './atomic-file.js';
import { blobId } from './blob-id.js';
import { openPlain } from './plain-file.js';
import { mapLimited } from './map-limited.js';
import type { TreeEntry } from './tree-entry.js';

/** Larger files are compared by id only. */
export const MAX_DIFF_BYTES = 1024 * 1024;
const CONCURRENCY = 16;

const manifestSchema = z.object({
  version: z.literal(1),
  entries: z.array(
    z.tuple([z.string(), z.enum(['100644', '100755', '120000', '160000', '000000']), z.string()]),
  ),
});

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The content of a file or the target of a symlink; null when it is gone, unreadable or too large. */
export async function readContent(root: string, entry: TreeEntry): Promise<Buffer | null> {
  const path = join(root, entry.path);
  try {
    if (entry.mode === '120000') return await readlink(path, { encoding: 'buffer' });
    await using file = await openPlain(path);
    if ((await file.stat()).size > MAX_DIFF_BYTES) return null;
    return await file.readFile();
  } catch {
    return null;
  }
}

/** Trees kept to compare with, and the contents git does not have. */
export class BaselineStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The entries of a kept tree, or null when it is not known. */
  async entries(root: string, treeId: string): Promise<readonly TreeEntry[] | null> {
    const text = await readFile(this.#manifestPath(root, treeId), 'utf8').catch(() => null);
    if (text === null) return null;
    const manifest = manifestSchema.parse(JSON.parse(text));
    return manifest.entries.map(([path, mode, oid]) => ({ path, mode, oid }));
  }

  async has(root: string, treeId: string): Promise<boolean> {
    return exists(this.#manifestPath(root, treeId));
  }

  /** Writes what a tree consists of; the contents come first (`keepContents`). */
  async keepManifest(root: string, treeId: string, entries: readonly TreeEntry[]): Promise<void> {
    const rows = entries.map(({ path, mode, oid }) => [path, mode, oid]);
    const text = JSON.stringify({ version: 1, entries: rows });
    await writeAtomic(this.#manifestPath(root, treeId), text);
  }

  /** Stores the contents of entries. False when a file changed meanwhile, so that its content is lost. */
  async keepContents(root: string, entries: readonly TreeEntry[]): Promise<boolean> {
    const kept = await mapLimited(entries, CONCURRENCY, async (entry) => {
      if (entry.mode === '160000' || entry.mode === '000000') return true;
      const path = this.#blobPath(entry.oid);
      if (await exists(path)) return true;
      const content = await readContent(root, entry);
      if (content === null) return true;
      if (blobId(content) !== entry.oid) return false;
      await writeAtomic(path, content);
      return true;
    });
    return kept.every(Boolean);
  }

  /** A stored content, or null. */
  async content(oid: string): Promise<Buffer | null> {
    return readFile(this.#blobPath(oid)).catch(() => null);
  }

  #manifestPath(root: string, treeId: string): string {
    const name = createHash('sha256').update(root).digest('hex').slice(0, 32);
    return join(this.#folder, 'trees', name, `${treeId.replace(/\W/g, '_')}.json`);
  }

  #blobPath(oid: string): string {
    return join(this.#folder, 'blobs', oid.slice(0, 2), oid.slice(2));
  }
}
