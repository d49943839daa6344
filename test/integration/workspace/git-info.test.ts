import { mkdir, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InstructionFiles } from '@goald/server/agent/context/instruction-files.js';
import { FolderWorkspace } from '@goald/server/workspace/folder-workspace.js';
import { git, makeRepository } from '../../helpers/git-repository.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function setup() {
  const folder = await tempFolder();
  const repo = await makeRepository(join(folder.path, 'repo'), { 'AGENTS.md': 'x', 'a/b/c': '' });
  const workspace = new FolderWorkspace({ storeDir: join(folder.path, 'store') });
  const head = (await git(repo, 'rev-parse', 'HEAD')).trim();
  return {
    folder: folder.path,
    repo,
    workspace,
    head,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe('git info', () => {
  it('tells head and branch, from a folder within too, with loose and packed refs', async () => {
    await using t = await setup();
    const info = { sha: t.head, branch: 'main', originUrl: null };
    expect(await t.workspace.gitInfo(join(t.repo, 'a'))).toEqual(info);
    await git(t.repo, 'pack-refs', '--all');
    expect(await t.workspace.gitInfo(t.repo)).toEqual(info);
  });

  it('tells of a detached head, a linked work tree and a repository without a commit', async () => {
    await using t = await setup();
    const linked = join(t.folder, 'linked');
    await git(t.repo, 'worktree', 'add', '--quiet', '-b', 'feature/x', linked);
    expect(await t.workspace.gitInfo(linked)).toMatchObject({ sha: t.head, branch: 'feature/x' });
    await git(t.repo, 'checkout', '--quiet', '--detach');
    expect(await t.workspace.gitInfo(t.repo)).toMatchObject({ sha: t.head, branch: null });
    const fresh = join(t.folder, 'fresh');
    await mkdir(fresh);
    await git(fresh, 'init', '--quiet', '--initial-branch=trunk');
    expect(await t.workspace.gitInfo(fresh)).toEqual({
      sha: null,
      branch: 'trunk',
      originUrl: null,
    });
  });

  it('is null outside a repository and for a folder that is not there', async () => {
    await using t = await setup();
    expect(await t.workspace.gitInfo(t.folder)).toBeNull();
    expect(await t.workspace.gitInfo(join(t.folder, 'no', 'such'))).toBeNull();
  });

  it.each([
    ['https://user:secret@example.com/a/b.git', 'https://example.com/a/b.git'],
    ['https://token@example.com/a/b.git?key=1', 'https://example.com/a/b.git'],
    ['ssh://git:secret@example.com/a.git', 'ssh://git@example.com/a.git'],
    ['git@example.com:a/b.git', 'git@example.com:a/b.git'],
    ['../origin', '../origin'],
  ])('shows origin %s as %s', async (url, shown) => {
    await using t = await setup();
    await git(t.repo, 'remote', 'add', 'origin', url);
    expect((await t.workspace.gitInfo(t.repo))?.originUrl).toBe(shown);
  });
});

describe('instruction files', () => {
  it('are the AGENTS.md files from the repository’s root down to the folder', async () => {
    await using t = await setup();
    await writeFile(join(t.repo, 'a/b/AGENTS.md'), 'y');
    await mkdir(join(t.repo, 'a/AGENTS.md'));
    expect(await t.workspace.instructionFiles(join(t.repo, 'a/b'))).toEqual([
      join(t.repo, 'AGENTS.md'),
      join(t.repo, 'a/b/AGENTS.md'),
    ]);
    await writeFile(join(t.folder, 'AGENTS.md'), 'z');
    expect(await t.workspace.instructionFiles(t.repo)).toEqual([join(t.repo, 'AGENTS.md')]);
    expect(await t.workspace.instructionFiles(t.folder)).toEqual([join(t.folder, 'AGENTS.md')]);
  });

  it('may be links inside the repository, and lead out of it nowhere', async () => {
    await using t = await setup();
    await writeFile(join(t.folder, 'secret'), 'a key');
    await writeFile(join(t.repo, 'CLAUDE.md'), 'for agents');
    await symlink('../../CLAUDE.md', join(t.repo, 'a/b/AGENTS.md'));
    await unlink(join(t.repo, 'AGENTS.md'));
    await symlink(join(t.folder, 'secret'), join(t.repo, 'AGENTS.md'));
    await symlink('nowhere', join(t.repo, 'a/AGENTS.md'));
    expect(await t.workspace.instructionFiles(join(t.repo, 'a/b'))).toEqual([
      join(t.repo, 'CLAUDE.md'),
    ]);
    const link = join(t.repo, 'AGENTS.md');
    expect(await new InstructionFiles().sections([link])).toEqual([]);
  });
});
