import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderWorkspace } from '@goald/server/workspace/folder-workspace.js';
import { holdFolder } from '@goald/server/workspace/guard/held-folder.js';
import { openPlain } from '@goald/server/workspace/plain-file.js';
import { makeRepository } from '../../helpers/git-repository.js';
import { tempFolder } from '../../helpers/temp-folder.js';

describe('a file that the daemon opens', () => {
  it('is the one at its path, and none where a link or a pipe has taken a place on the way', async () => {
    await using folder = await tempFolder();
    const at = (name: string): string => join(folder.path, name);
    await mkdir(at('real'));
    await writeFile(at('real/file'), 'mine');
    await symlink('real', at('link'));
    await symlink('file', at('real/last'));
    execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', at('pipe')]);
    await using file = await openPlain(at('real/file'));
    expect(await file.readFile('utf8')).toBe('mine');
    for (const name of ['link/file', 'real/last', 'pipe', 'real', 'gone']) {
      await expect(openPlain(at(name)), name).rejects.toThrow();
    }
  });
});

describe('a folder that the daemon writes in', () => {
  it('stays the one it was when a link takes its place, and is none behind a link', async () => {
    await using folder = await tempFolder();
    const at = (name: string): string => join(folder.path, name);
    await mkdir(at('root/inner'), { recursive: true });
    await mkdir(at('outside/deep'), { recursive: true });
    await using held = await holdFolder(at('root'), 'inner/deep', { makes: true });
    await rename(at('root/inner'), at('root/moved'));
    await symlink(at('outside'), at('root/inner'));
    await writeFile(join(held.path, 'file'), 'mine');
    expect(await readFile(at('root/moved/deep/file'), 'utf8')).toBe('mine');
    await expect(readFile(at('outside/deep/file'))).rejects.toThrow('ENOENT');
    for (const makes of [true, false]) {
      await expect(holdFolder(at('root'), 'inner/deep', { makes })).rejects.toThrow();
    }
    await expect(holdFolder(at('root'), '../outside', { makes: false })).rejects.toThrow('inside');
  });
});

describe('pipes that nobody writes', () => {
  it('hold nobody up who looks at the folder, whatever their names', async () => {
    await using folder = await tempFolder();
    const root = await makeRepository(join(folder.path, 'r'), { 'a.txt': 'a\n' });
    await mkdir(join(root, 'sub/.git'), { recursive: true });
    const names = ['.gitignore', 'sub/.gitignore', 'sub/.git/HEAD', 'AGENTS.md', 'pipe'];
    for (const name of names) execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', join(root, name)]);
    const workspace = new FolderWorkspace({ storeDir: join(folder.path, 'store') });
    // More than libuv has threads for files: each would hold one for good.
    const ids = await Promise.all(Array.from({ length: 6 }, () => workspace.treeId(root)));
    expect(new Set(ids).size).toBe(1);
    expect(await workspace.instructionFiles(root)).toEqual([]);
    await workspace.keepBaseline(root);
  });
});
