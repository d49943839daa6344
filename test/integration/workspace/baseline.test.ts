import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderWorkspace } from '@goald/server/workspace/folder-workspace.js';
import { git, makeRepository } from '../../helpers/git-repository.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function put(folder: string, path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

const numbered = (count: number): string =>
  Array.from({ length: count }, (_, i) => `${String(i)} line\n`).join('');

async function setup(files: Readonly<Record<string, string>>) {
  const folder = await tempFolder();
  const repo = join(folder.path, 'repo');
  await makeRepository(repo, files);
  const store = join(folder.path, 'store');
  const workspace = new FolderWorkspace({ storeDir: store });
  return {
    repo,
    store,
    workspace,
    folder: folder.path,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Content blobs in a store. */
async function blobCount(store: string): Promise<number> {
  const names = await readdir(join(store, 'blobs'), { recursive: true }).catch(() => []);
  return names.filter((name) => name.includes('/')).length;
}

describe('a baseline', () => {
  it('stores only what git does not have, and diffs like git diff', async () => {
    await using t = await setup({
      'mod.txt': numbered(30),
      'gone.txt': 'bye\n',
      'same.txt': 'same\n',
      'mode.sh': 'echo\n',
      'noeol.txt': 'one\ntwo',
      'with space.txt': 'x\n',
      'bin.dat': '\0\x01',
      'empty.txt': '',
      'dirty.txt': 'committed\n',
    });
    await put(t.repo, 'dirty.txt', 'dirty at start\n');
    const id = await t.workspace.keepBaseline(t.repo);
    expect(await t.workspace.treeId(t.repo)).toBe(id);
    expect(await blobCount(t.store)).toBe(1);
    // What git compares with: the same tree, as a commit.
    await git(t.repo, 'commit', '--all', '--quiet', '--message=dirty');

    await put(t.repo, 'mod.txt', numbered(30).replace('3 line\n', '').replace('25 line', 'x'));
    await rm(join(t.repo, 'gone.txt'));
    await chmod(join(t.repo, 'mode.sh'), 0o755);
    await put(t.repo, 'noeol.txt', 'one\nthree');
    await put(t.repo, 'with space.txt', 'y\n');
    await put(t.repo, 'bin.dat', Buffer.from([0, 2]));
    await put(t.repo, 'empty.txt', 'no more\n');
    await put(t.repo, 'dirty.txt', 'changed\n');
    await put(t.repo, 'new/added.txt', 'hello\nthere\n');
    await put(t.repo, 'new/empty.txt', '');
    await put(t.repo, 'new/ünï.txt', 'ü\n');
    await symlink('mod.txt', join(t.repo, 'link'));

    const diff = await t.workspace.diffFrom(t.repo, id);
    await git(t.repo, 'add', '--all');
    const options = ['-c', 'core.quotePath=off', '-c', 'core.abbrev=7', 'diff', '--no-color'];
    const theirs = await git(t.repo, ...options, '--no-renames', '--cached');
    // git shows the line above as heading of a hunk; we do not.
    expect(diff?.diff).toBe(theirs.replace(/^(@@ .* @@) .*$/gm, '$1'));
    const numstat = (await git(t.repo, ...options, '--numstat', '--no-renames', '--cached'))
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(
      diff?.stat.files.map(({ path, insertions, deletions }) => [insertions, deletions, path]),
    ).toEqual(numstat.map(([plus, minus, path]) => [Number(plus) || 0, Number(minus) || 0, path]));
    expect(diff?.stat.filesChanged).toBe(numstat.length);
    const kinds = new Map(diff?.stat.files.map(({ path, kind }) => [path, kind]));
    expect(kinds.get('gone.txt')).toBe('deleted');
    expect(kinds.get('new/added.txt')).toBe('added');
    expect(kinds.get('mode.sh')).toBe('modified');
  });

  it('gives a diff that git applies to the baseline', async () => {
    await using t = await setup({
      'a.txt': numbered(200),
      'cr.txt': 'a\r\nb\r\n',
      'l1.txt': 'x\n',
      'was-link': 'file\n',
    });
    await put(t.repo, 'l1.txt', Buffer.from([0xe9, 0x0a, 0x62, 0x0a]));
    await git(t.repo, 'commit', '--all', '--quiet', '--message=latin');
    const id = await t.workspace.keepBaseline(t.repo);
    await put(t.repo, 'a.txt', numbered(200).replace(/^\d*7 line\n/gm, 'seven\nmore\n'));
    await put(t.repo, 'cr.txt', 'a\r\nc\r\n');
    await put(t.repo, 'tab\tand "quote".txt', 'x\n');
    await rm(join(t.repo, 'was-link'));
    await symlink('a.txt', join(t.repo, 'was-link'));
    const diff = (await t.workspace.diffFrom(t.repo, id))?.diff ?? '';
    const after = await t.workspace.treeId(t.repo);
    await git(t.repo, 'stash', '--include-untracked', '--quiet');
    execFileSync('git', ['apply', '--whitespace=nowarn'], { cwd: t.repo, input: diff });
    expect(await t.workspace.treeId(t.repo)).toBe(after);
  });

  it('is empty while nothing changed, and null when it is not known', async () => {
    await using t = await setup({ 'a.txt': 'a\n' });
    const id = await t.workspace.keepBaseline(t.repo);
    expect(await t.workspace.diffFrom(t.repo, id)).toEqual({
      stat: { filesChanged: 0, insertions: 0, deletions: 0, files: [] },
      diff: '',
    });
    expect(await t.workspace.diffFrom(t.repo, 'f'.repeat(64))).toBeNull();
    expect(await t.workspace.diffFrom(t.repo, '../../etc/passwd')).toBeNull();
  });

  it('reads what was clean from git, packed objects too, also after commits', async () => {
    await using t = await setup({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    await git(t.repo, 'gc', '--quiet');
    const id = await t.workspace.keepBaseline(t.repo);
    expect(await blobCount(t.store)).toBe(0);
    await put(t.repo, 'a.txt', 'A\n');
    await git(t.repo, 'commit', '--all', '--quiet', '--message=A');
    const later = new FolderWorkspace({ storeDir: t.store });
    expect((await later.diffFrom(t.repo, id))?.diff).toContain('-a\n+A\n');
  });

  it('works without git, from a store that a restart finds again', async () => {
    await using t = await setup({ 'x.txt': '' });
    const plain = join(t.folder, 'plain');
    await put(plain, 'a.txt', 'one\n');
    await put(plain, 'big.txt', 'x'.repeat(1024 * 1024 + 1));
    const id = await t.workspace.keepBaseline(plain);
    expect(await blobCount(t.store)).toBe(1);
    await put(plain, 'a.txt', 'two\n');
    await put(plain, 'big.txt', 'y'.repeat(1024 * 1024 + 1));
    const later = new FolderWorkspace({ storeDir: t.store });
    const diff = await later.diffFrom(plain, id);
    expect(diff?.diff).toContain('-one\n+two\n');
    expect(diff?.diff).toContain('Files a/big.txt and b/big.txt differ (too large to diff)');
    expect(diff?.stat).toMatchObject({ filesChanged: 2, insertions: 1, deletions: 1 });
  });

  it('shows a file rewritten beyond comparison as removed and added, in bounded time', async () => {
    await using t = await setup({ 'a.txt': '' });
    const random = (seed: number): string =>
      Array.from({ length: 60_000 }, (_, i) => `${String((i * seed) % 7919)}\n`).join('');
    await put(t.repo, 'a.txt', random(31));
    const id = await t.workspace.keepBaseline(t.repo);
    await put(t.repo, 'a.txt', random(57));
    const started = performance.now();
    const diff = await t.workspace.diffFrom(t.repo, id);
    expect(performance.now() - started).toBeLessThan(5000);
    const { insertions = 0, deletions = 0 } = diff?.stat.files[0] ?? {};
    expect(insertions).toBe(deletions);
    expect(insertions).toBeGreaterThan(1000);
  });

  it('keeps what was there when files change under it', async () => {
    await using t = await setup({ 'a.txt': 'a\n' });
    for (let i = 0; i < 50; i += 1) await put(t.repo, `u/${String(i)}`, 'start\n');
    const [id] = await Promise.all([
      t.workspace.keepBaseline(t.repo),
      (async () => {
        for (let i = 49; i >= 0; i -= 1) await put(t.repo, `u/${String(i)}`, 'changed\n');
      })(),
    ]);
    for (let i = 0; i < 50; i += 1) await put(t.repo, `u/${String(i)}`, 'end\n');
    const diff = await t.workspace.diffFrom(t.repo, id);
    expect(diff?.stat).toMatchObject({ filesChanged: 50, insertions: 50, deletions: 50 });
    expect(diff?.diff).not.toContain('too large');
  });
});
