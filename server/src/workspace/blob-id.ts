import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';

const WHOLE_BYTES = 4 * 1024 * 1024;

/** Git's id of a blob with this content. */
export function blobId(content: Buffer): string {
  const hash = createHash('sha1').update(`blob ${String(content.length)}\0`);
  return hash.update(content).digest('hex');
}

/** Git's id of the blob a file is, or of the target a symlink has. `size` is what its stat says. */
export async function fileBlobId(path: string, isLink: boolean, size: number): Promise<string> {
  if (isLink) return blobId(await readlink(path, { encoding: 'buffer' }));
  if (size <= WHOLE_BYTES) return blobId(await readFile(path));
  const hash = createHash('sha1').update(`blob ${String(size)}\0`);
  for await (const chunk of createReadStream(path)) {
    hash.update(Buffer.isBuffer(chunk) ? chunk : String(chunk));
  }
  return hash.digest('hex');
}
