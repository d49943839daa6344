import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the benchmark keeps what it fetched and works. Not a temporary folder: the reference starts differently in one. */
export function cacheFolder(): string {
  const xdg = process.env['XDG_CACHE_HOME'];
  if (xdg?.startsWith('/') === true) return join(xdg, 'goald-bench');
  const home = homedir();
  return process.platform === 'darwin'
    ? join(home, 'Library/Caches/goald-bench')
    : join(home, '.cache/goald-bench');
}

const PREFIX = 'w-';
const STALE_MS = 3_600_000;

/** What runs that were ended by force left behind. */
async function removeStale(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    if (!name.startsWith(PREFIX) || Date.now() - (await stat(path)).mtimeMs < STALE_MS) continue;
    await rm(path, { recursive: true, force: true });
  }
}

/** A folder that is removed when disposed, with fresh folders in it. Names are short: socket paths may have 103 bytes. */
export class WorkFolder implements AsyncDisposable {
  readonly path: string;
  #made = 0;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<WorkFolder> {
    const cache = cacheFolder();
    await mkdir(cache, { recursive: true });
    await removeStale(cache);
    return new WorkFolder(await mkdtemp(join(cache, PREFIX)));
  }

  /** A new empty folder. */
  async fresh(): Promise<string> {
    this.#made += 1;
    const path = join(this.path, String(this.#made));
    await mkdir(path);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
  }
}
