import fs from 'node:fs';
import type { GitInfo } from '@goald/protocol';
import { findGitFolder, readHead, type GitFolder } from './git-folder.js';

const BRANCHES = 'refs/heads/';

/** A remote's address without user name, password and query. */
function stripCredentials(url: string): string {
  try {
    const parsed = new URL(url);
    // ssh needs its user name, and keeps no secret in it.
    if (parsed.protocol !== 'ssh:') parsed.username = '';
    parsed.password = '';
    parsed.search = '';
    parsed.hash = '';
    return parsed.href;
  } catch {
    // Not a URL: git's own short form for ssh (user@host:path), or a path.
    return url.replace(/^[^@/\s]*:[^@/\s]*@/, '');
  }
}

/** The commit HEAD stands for, or null before the first commit. */
export async function headCommit(git: GitFolder): Promise<string | null> {
  const head = await readHead(git);
  if (head.ref === null) return head.sha;
  const { resolveRef } = await import('isomorphic-git');
  return resolveRef({ fs, gitdir: git.commonDir, ref: head.ref }).catch(() => null);
}

/** Head, branch and origin of the repository a folder lies in, or null outside of one. Never rejects. */
export async function readGitInfo(folder: string): Promise<GitInfo | null> {
  try {
    const git = await findGitFolder(folder);
    if (git === null) return null;
    const { ref } = await readHead(git);
    const { getConfig } = await import('isomorphic-git');
    const origin: unknown = await getConfig({
      fs,
      gitdir: git.commonDir,
      path: 'remote.origin.url',
    }).catch(() => null);
    return {
      sha: await headCommit(git),
      branch: ref?.startsWith(BRANCHES) === true ? ref.slice(BRANCHES.length) : null,
      originUrl: typeof origin === 'string' ? stripCredentials(origin) : null,
    };
  } catch {
    return null;
  }
}
