import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempFolder extends AsyncDisposable {
  /** Absolute, without symbolic links. */
  readonly path: string;
}

/** A folder of its own, removed when disposed. Its name is short: socket paths may have 103 bytes. */
export async function tempFolder(prefix = 'g'): Promise<TempFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), `${prefix}-`)));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
