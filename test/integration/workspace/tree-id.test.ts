import { chmod, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FolderWorkspace } from '@goald/server/workspace/folder-workspace.js';
import { StatCache } from '@goald/server/workspace/stat-cache.js';
import { TreeScanner } from '@goald/server/workspace/tree-scanner.js';
import { eventually } from '../../helpers/eventually.js';
import { git, makeRepository } from '../../helpers/git-repository.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function put(folder: string, path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

async function setup(files: Readonly<Record<string, string>> = { 'a.txt': 'a\n' }) {
  const folder = await tempFolder();
  const repo = join(folder.path, 'repo');
  await makeRepository(repo, files);
  const workspace = new FolderWorkspace({ storeDir: join(folder.path, 'store') });
  return {
    repo,
    workspace,
    folder: folder.path,
    id: () => workspace.treeId(repo),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe('a tree id', () => {
  it('is the same for the same files, in any folder, git or not', async () => {
    await using t = await setup({ 'a.txt': 'a\n', 'b/c.txt': 'c\n' });
    const plain = join(t.folder, 'plain');
    await put(plain, 'b/c.txt', 'c\n');
    await put(plain, 'a.txt', 'a\n');
    expect(await t.workspace.treeId(plain)).toBe(await t.id());
    const other = new FolderWorkspace({ storeDir: join(t.folder, 'other') });
    expect(await other.treeId(t.repo)).toBe(await t.id());
  });

  it('changes with content, name, mode and link target, and comes back with them', async () => {
    await using t = await setup();
    const start = await t.id();
    const seen = new Set([start]);
    const changed = async (change: () => Promise<unknown>, undo: () => Promise<unknown>) => {
      await change();
      const id = await t.id();
      expect(seen.has(id)).toBe(false);
      seen.add(id);
      await undo();
      expect(await t.id()).toBe(start);
    };
    const a = join(t.repo, 'a.txt');
    const b = join(t.repo, 'b.txt');
    await changed(
      () => writeFile(a, 'b\n'),
      () => writeFile(a, 'a\n'),
    );
    await changed(
      () => rename(a, b),
      () => rename(b, a),
    );
    await changed(
      () => chmod(a, 0o755),
      () => chmod(a, 0o644),
    );
    for (const target of ['one', 'two']) {
      await changed(
        () => symlink(target, b),
        () => rm(b),
      );
    }
  });

  it('sees a change that keeps size and mtime, right after a scan', async () => {
    await using t = await setup();
    const file = join(t.repo, 'a.txt');
    const then = new Date(1_700_000_000_000);
    await utimes(file, then, then);
    for (let i = 0; i < 20; i += 1) {
      const before = await t.id();
      await writeFile(file, i % 2 === 0 ? 'x\n' : 'y\n');
      await utimes(file, then, then);
      expect(await t.id()).not.toBe(before);
    }
  });

  it('does not count ignored files, empty folders and .git', async () => {
    await using t = await setup({
      'a.txt': 'a\n',
      '.gitignore': '*.log\n/build/\nsecret dir/\n',
      'sub/.gitignore': '!keep.log\n/only-here\nnested/**/x\n',
    });
    await put(t.repo, '.git/info/exclude', 'excluded\n');
    const start = await t.id();
    for (const path of [
      'x.log',
      'build/out.js',
      'sub/deep/y.log',
      'sub/only-here',
      'sub/nested/1/2/x',
      'excluded',
      'secret dir/z',
      '.git/whatever',
    ]) {
      await put(t.repo, path, 'x');
    }
    await mkdir(join(t.repo, 'empty'));
    expect(await t.id()).toBe(start);
    for (const path of ['sub/keep.log', 'only-here', 'sub/build/out.js', 'sub/deep/only-here']) {
      await put(t.repo, path, 'x');
      expect(await t.id(), path).not.toBe(start);
      await rm(join(t.repo, path));
      expect(await t.id(), path).toBe(start);
    }
  });

  it('agrees with git about what is ignored', async () => {
    await using t = await setup({
      '.gitignore': 'out\n!sub/out\n*.o\n!important.o\n\\#hash\n',
      'sub/.gitignore': 'a/*\n!a/b\n*.tmp\n',
      'sub/deep/.gitignore': '!x.tmp\n/y\n',
      'so[me] dir/.gitignore': 'z\n',
    });
    for (const path of [
      'out/1',
      'sub/out/1',
      'sub/a/c',
      'sub/a/b/d',
      'x.o',
      'important.o',
      'sub/important.o',
      'sub/x.tmp',
      'sub/deep/x.tmp',
      'sub/deep/y',
      'sub/deep/more/y',
      '#hash',
      'so[me] dir/z',
      'so[me] dir/zz',
    ]) {
      await put(t.repo, path, 'x');
    }
    const listed = await git(
      t.repo,
      ...['-c', 'core.quotePath=off', 'ls-files', '-z', '--cached', '--others'],
      '--exclude-standard',
    );
    const { tree } = await new TreeScanner(t.repo).scan();
    expect(tree.entries.map((entry) => entry.path).sort()).toEqual(
      listed.split('\0').filter(Boolean).sort(),
    );
    const hashes = await git(t.repo, 'hash-object', ...tree.entries.map((e) => e.path));
    expect(tree.entries.map((entry) => entry.oid)).toEqual(hashes.trim().split('\n'));
  });

  it.each(['2', '4'])('counts ignored files that git tracks, with index version %s', async (v) => {
    await using t = await setup({ 'a.txt': 'a\n', '.gitignore': 'dist/\n' });
    await put(t.repo, 'dist/deep/tracked.js', '1');
    await put(t.repo, 'dist/deep/other.js', '1');
    await git(t.repo, 'update-index', '--index-version', v);
    await git(t.repo, 'add', '--force', 'dist/deep/tracked.js');
    const start = await t.id();
    await put(t.repo, 'dist/deep/other.js', '2');
    expect(await t.id()).toBe(start);
    await put(t.repo, 'dist/deep/tracked.js', '2');
    expect(await t.id()).not.toBe(start);
  });

  it('notes a repository inside by its commit, and not its files', async () => {
    await using t = await setup();
    const inner = await makeRepository(join(t.repo, 'inner'), { 'x.txt': 'x' });
    const start = await t.id();
    await put(inner, 'x.txt', 'y');
    expect(await t.id()).toBe(start);
    await git(inner, 'commit', '--all', '--quiet', '--message=y');
    expect(await t.id()).not.toBe(start);
  });

  it('names a folder within a repository by its own files, under the rules from above', async () => {
    await using t = await setup({ '.gitignore': '*.log\n', 'sub/a.txt': 'a\n', 'b.txt': 'b\n' });
    const sub = join(t.repo, 'sub');
    const start = await t.workspace.treeId(sub);
    await put(t.repo, 'b.txt', 'changed');
    await put(sub, 'x.log', 'x');
    expect(await t.workspace.treeId(sub)).toBe(start);
    await put(sub, 'a.txt', 'changed');
    expect(await t.workspace.treeId(sub)).not.toBe(start);
  });

  it('names an ignored folder by all its files', async () => {
    await using t = await setup({ '.gitignore': 'vendor/\n' });
    const vendor = join(t.repo, 'vendor');
    await put(vendor, 'a.txt', '1');
    const start = await t.workspace.treeId(vendor);
    await put(vendor, 'a.txt', '2');
    expect(await t.workspace.treeId(vendor)).not.toBe(start);
  });

  it('is refused for a folder that is gone', async () => {
    await using t = await setup();
    await rm(t.repo, { recursive: true });
    await expect(t.id()).rejects.toThrow(/not there any more/);
  });

  it('is right also while several ask at once', async () => {
    await using t = await setup();
    const ids = await Promise.all(Array.from({ length: 10 }, () => t.id()));
    expect(new Set(ids).size).toBe(1);
  });
});

describe('the stat cache', () => {
  it('reads a file again only when it changed, once it has settled', async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, 'a');
    await writeFile(file, '1');
    const cache = new StatCache<number>();
    let reads = 0;
    const scan = async (): Promise<number> => {
      const before = reads;
      cache.begin();
      await cache.get(file, () => Promise.resolve((reads += 1)));
      cache.end();
      return reads - before;
    };
    expect(await scan()).toBe(1);
    // Just written: a change within the same clock tick could leave the same stat.
    expect(await scan()).toBe(1);
    await eventually('the file to settle', async () => (await scan()) === 0);
    expect(await scan()).toBe(0);
    await delay(5);
    await writeFile(file, '2');
    expect(await scan()).toBe(1);
    await rm(file);
    expect(await scan()).toBe(0);
  });
});
