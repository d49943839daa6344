import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitFolder } from './git-folder.js';

/** isomorphic-git reads a pack file into memory as a whole; from this size on git itself is asked. */
const MAX_PACK_BYTES = 256 * 1024 * 1024;

/** git only reads what is there: what is missing it would fetch by what the repository names. Nothing of the daemon's comes along. */
const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/run/current-system/sw/bin',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_OPTIONAL_LOCKS: '0',
};

async function largestPack(git: GitFolder): Promise<number> {
  const folder = join(git.commonDir, 'objects', 'pack');
  const names = await readdir(folder).catch(() => []);
  const packs = names.filter((name) => name.endsWith('.pack'));
  const sizes = await Promise.all(
    packs.map((name) =>
      stat(join(folder, name)).then(
        (found) => found.size,
        () => 0,
      ),
    ),
  );
  return Math.max(0, ...sizes);
}

function catFile(git: GitFolder, oid: string, maxBytes: number): Promise<Buffer | null> {
  return new Promise((fulfil) => {
    execFile(
      'git',
      ['--git-dir', git.commonDir, 'cat-file', 'blob', oid],
      { encoding: 'buffer', maxBuffer: maxBytes, env: ENVIRONMENT },
      (error, stdout) => {
        fulfil(error === null ? stdout : null);
      },
    );
  });
}

/** Reads blobs out of one repository's objects, for as long as one comparison takes. */
export class GitBlobs {
  readonly #git: GitFolder;
  /** What isomorphic-git keeps between reads, such as pack files. */
  readonly #cache: object = {};
  #isHuge: Promise<boolean> | null = null;

  constructor(git: GitFolder) {
    this.#git = git;
  }

  /** The content, or null when git does not have it or it is over `maxBytes`. */
  async read(oid: string, maxBytes: number): Promise<Buffer | null> {
    this.#isHuge ??= largestPack(this.#git).then((size) => size > MAX_PACK_BYTES);
    if (await this.#isHuge) return catFile(this.#git, oid, maxBytes);
    try {
      const { readBlob } = await import('isomorphic-git');
      const { commonDir } = this.#git;
      const { blob } = await readBlob({ fs, gitdir: commonDir, oid, cache: this.#cache });
      return blob.length > maxBytes ? null : Buffer.from(blob);
    } catch {
      return null;
    }
  }
}
