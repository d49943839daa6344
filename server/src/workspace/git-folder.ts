import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readIfFile } from './plain-file.js';

/** Where a git repository keeps its things. All absolute. */
export interface GitFolder {
  /** The folder with `.git` in it. */
  readonly root: string;
  /** HEAD and index of this work tree. */
  readonly gitDir: string;
  /** Refs, objects and config; differs from gitDir in a linked work tree. */
  readonly commonDir: string;
}

async function readLine(path: string): Promise<string | null> {
  return (await readIfFile(path))?.trim() ?? null;
}

/** The git folder of a work tree whose root is `root`, or null when there is none. */
export async function gitFolderAt(root: string): Promise<GitFolder | null> {
  const dotGit = join(root, '.git');
  const found = await stat(dotGit).catch(() => null);
  if (found === null) return null;
  let gitDir = dotGit;
  if (found.isFile()) {
    const target = /^gitdir: (.*)$/m.exec((await readLine(dotGit)) ?? '')?.[1];
    if (target === undefined) return null;
    gitDir = resolve(root, target);
  }
  if ((await readLine(join(gitDir, 'HEAD'))) === null) return null;
  const common = await readLine(join(gitDir, 'commondir'));
  return { root, gitDir, commonDir: common === null ? gitDir : resolve(gitDir, common) };
}

/** The git repository `folder` lies in, or null. */
export async function findGitFolder(folder: string): Promise<GitFolder | null> {
  const found = await gitFolderAt(folder);
  if (found !== null || dirname(folder) === folder) return found;
  return findGitFolder(dirname(folder));
}

/** What HEAD says: a branch's full name, or a commit where it is detached. */
export async function readHead(
  git: GitFolder,
): Promise<{ ref: string | null; sha: string | null }> {
  const head = (await readLine(join(git.gitDir, 'HEAD'))) ?? '';
  const ref = /^ref: (.*)$/.exec(head)?.[1] ?? null;
  return { ref, sha: ref === null && head !== '' ? head : null };
}
