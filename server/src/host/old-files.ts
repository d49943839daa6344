import { readdir, rmdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes the files below a folder that were last written before `beforeMs`, and folders that are empty then. What resists stays. */
export async function removeOldFiles(folder: string, beforeMs: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const before = await stat(path).catch(() => null);
      await removeOldFiles(path, beforeMs);
      // A new folder may be about to get its first file.
      if (before !== null && before.mtimeMs < beforeMs) await rmdir(path).catch(() => undefined);
    } else {
      const found = await stat(path).catch(() => null);
      if (found !== null && found.mtimeMs < beforeMs) await unlink(path).catch(() => undefined);
    }
  }
}
