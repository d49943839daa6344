import { createHash } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { openPlain } from './plain-file.js';

const WHOLE_BYTES = 4 * 1024 * 1024;

/** Git's id of a blob with this content. */
export function blobId(content: Buffer): string {
  const hash = createHash('sha1').update(`blob ${String(content.length)}\0`);
  return hash.update(content).digest('hex');
}

/**
 * Git's id of the blob a file is, or of the target a symlink has. `path` has no links on the way; `size` is what its stat says. Rejects
 * when something else stands there by now.
 */
export async function fileBlobId(path: string, isLink: boolean, size: number): Promise<string> {
  if (isLink) return blobId(await readlink(path, { encoding: 'buffer' }));
  await using file = await openPlain(path);
  if (size <= WHOLE_BYTES) return blobId(await file.readFile());
  const hash = createHash('sha1').update(`blob ${String(size)}\0`);
  for await (const chunk of file.createReadStream({ autoClose: false })) {
    hash.update(Buffer.isBuffer(chunk) ? chunk : String(chunk));
  }
  return hash.digest('hex');
}
