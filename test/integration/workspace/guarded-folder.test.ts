import {
  chmod,
  lstat,
  mkdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type {
  FoundBreach,
  GuardMark,
  PathRules,
  UndoResult,
} from '@goald/server/engine/ports/path-guard.js';
import { GuardedFolders } from '@goald/server/workspace/guard/guarded-folder.js';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { git, makeRepository } from '../../helpers/git-repository.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function setup(
  rules: Partial<PathRules>,
  files: Readonly<Record<string, string>>,
  before: (repo: string) => Promise<void> = () => Promise.resolve(),
) {
  const folder = await tempFolder();
  const repo = await makeRepository(join(folder.path, 'repo'), files);
  await before(repo);
  const guarded = new GuardedFolders({ storeDir: join(folder.path, 'store') });
  const mark = await guarded.keep(repo, { allow: [], deny: [], ...rules });
  return {
    repo,
    guarded,
    mark,
    outside: folder.path,
    put: (path: string, text: string) => put(repo, path, text),
    found: () => guarded.breaches(repo, mark),
    undoAll: () => undoAll(guarded, repo, mark, join(folder.path, 'into')),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function put(repo: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(repo, path)), { recursive: true });
  await writeFile(join(repo, path), text);
}

async function undoAll(
  guarded: GuardedFolders,
  repo: string,
  mark: GuardMark,
  into: string,
): Promise<Record<string, UndoResult>> {
  const results: Record<string, UndoResult> = {};
  for (const breach of await guarded.breaches(repo, mark)) {
    results[breach.path] = await guarded.undo(repo, mark, breach, into);
  }
  return results;
}

const shown = (found: readonly FoundBreach[]): string[] =>
  found.map(({ change, path, rule }) => `${change} ${path}: ${rule}`);

describe('path constraints', () => {
  it('name what was changed against them, each with its rule', async () => {
    await using t = await setup(
      { allow: ['src/**', '*.md'], deny: ['src/gen/', '*.lock'] },
      { 'src/a.ts': '1', 'src/gen/b.ts': '1', 'x.lock': '1', 'README.md': '1', 'bin/c': '1' },
    );
    expect(await t.found()).toEqual([]);
    for (const path of ['src/a.ts', 'README.md', 'docs/deep.md', 'src/new.ts']) {
      await t.put(path, 'fine');
    }
    expect(await t.found()).toEqual([]);
    await t.put('src/gen/b.ts', '2');
    await t.put('sub/y.lock', 'new');
    await rm(join(t.repo, 'bin/c'));
    await chmod(join(t.repo, 'x.lock'), 0o755);
    expect(shown(await t.found()).toSorted()).toEqual([
      'added sub/y.lock: deny *.lock',
      'deleted bin/c: not in allow',
      'modified src/gen/b.ts: deny src/gen/',
      'modified x.lock: deny *.lock',
    ]);
  });

  it('are restored to the byte: committed, dirty, untracked, links, modes, renames and folders', async () => {
    await using t = await setup(
      { deny: ['keep/'] },
      { 'keep/committed.bin': '\0\xff', 'keep/dirty': 'old', 'keep/run.sh': '#', 'a.txt': 'a' },
      async (repo) => {
        await writeFile(join(repo, 'keep/dirty'), 'dirty at start');
        await writeFile(join(repo, 'keep/untracked'), 'mine');
        await chmod(join(repo, 'keep/run.sh'), 0o755);
        await symlink('../a.txt', join(repo, 'keep/link'));
      },
    );
    const at = (path: string): string => join(t.repo, path);
    const binary = await readFile(at('keep/committed.bin'));
    await rename(at('keep/committed.bin'), at('moved.bin'));
    await t.put('keep/dirty', 'worse');
    await rm(at('keep/untracked'));
    await writeFile(at('keep/run.sh'), 'x');
    await chmod(at('keep/run.sh'), 0o644);
    await rm(at('keep/link'));
    await symlink('/etc/passwd', at('keep/link'));
    await t.put('keep/deep/er/new', 'new');
    const results = await t.undoAll();
    expect(Object.values(results).every(({ undone }) => undone)).toBe(true);
    expect(await t.found()).toEqual([]);
    expect(await readFile(at('keep/committed.bin'))).toEqual(binary);
    expect(await readFile(at('keep/dirty'), 'utf8')).toBe('dirty at start');
    expect(await readFile(at('keep/untracked'), 'utf8')).toBe('mine');
    expect((await stat(at('keep/run.sh'))).mode & 0o111).toBe(0o111);
    expect(await readlink(at('keep/link'))).toBe('../a.txt');
    expect(existsSync(at('keep/deep'))).toBe(false);
    expect(existsSync(at('moved.bin'))).toBe(true);
    expect(await readFile(results['keep/dirty']?.keptAs ?? '', 'utf8')).toBe('worse');
  });

  it('protect a denied file that git ignores, and leave other ignored files alone', async () => {
    await using t = await setup(
      { deny: ['.env', 'secret/keys/**'] },
      { '.gitignore': '.env\nsecret\nnode_modules\n', 'a.txt': 'a' },
      async (repo) => {
        await put(repo, '.env', 'KEY=1');
        await put(repo, 'secret/keys/a', 'k');
        await put(repo, 'secret/other', 'o');
      },
    );
    await t.put('.env', 'KEY=2');
    await t.put('pkg/.env', 'KEY=3');
    await t.put('secret/keys/a', 'stolen');
    await t.put('secret/other', 'p');
    await t.put('node_modules/x/.env', 'theirs');
    await t.undoAll();
    expect(await readFile(join(t.repo, '.env'), 'utf8')).toBe('KEY=1');
    expect(await readFile(join(t.repo, 'secret/keys/a'), 'utf8')).toBe('k');
    expect(await readFile(join(t.repo, 'secret/other'), 'utf8')).toBe('p');
    expect(existsSync(join(t.repo, 'pkg/.env'))).toBe(false);
    expect(existsSync(join(t.repo, 'node_modules/x/.env'))).toBe(true);
  });

  it('take nothing away that was there before and merely is no longer ignored, nor what is ignored now', async () => {
    await using t = await setup(
      { allow: ['.gitignore'] },
      { '.gitignore': 'dist\n', 'a.txt': 'a' },
      async (repo) => {
        await put(repo, 'dist/build.js', 'old');
        await put(repo, 'notes.txt', 'mine');
        const writtenAtMs = Date.now();
        await eventually('the files are older', () => Date.now() > writtenAtMs + 100);
      },
    );
    await t.put('.gitignore', 'notes.txt\n');
    expect(await t.found()).toEqual([]);
    await t.put('dist/evil.js', 'new');
    expect(shown(await t.found())).toEqual(['added dist/evil.js: not in allow']);
  });

  it('leave a file alone that somebody changed after the check', async () => {
    await using t = await setup({ deny: ['a.txt', 'new.txt'] }, { 'a.txt': '1' });
    await t.put('a.txt', 'agent');
    await t.put('new.txt', 'agent');
    const found = await t.found();
    await t.put('a.txt', 'user');
    await t.put('new.txt', 'user');
    for (const breach of found) {
      const result = await t.guarded.undo(t.repo, t.mark, breach, join(t.outside, 'into'));
      expect(result).toMatchObject({ undone: false, reason: 'it has changed again since' });
    }
    expect(await readFile(join(t.repo, 'a.txt'), 'utf8')).toBe('user');
    expect(await readFile(join(t.repo, 'new.txt'), 'utf8')).toBe('user');
  });

  it('never write through a link that took the place of a folder', async () => {
    await using t = await setup({ deny: ['keep/**'] }, { 'keep/a': '1', 'b.txt': 'b' });
    const elsewhere = join(t.outside, 'elsewhere');
    await mkdir(elsewhere);
    await rm(join(t.repo, 'keep'), { recursive: true });
    await symlink(elsewhere, join(t.repo, 'keep'));
    const results = await t.undoAll();
    expect(results['keep/a']?.undone).toBe(true);
    expect((await lstat(join(t.repo, 'keep'))).isDirectory()).toBe(true);
    expect(await readFile(join(t.repo, 'keep/a'), 'utf8')).toBe('1');
    expect(existsSync(join(elsewhere, 'a'))).toBe(false);
  });

  it('say what cannot be undone: too large to have been kept, a repository within', async () => {
    const large = 'x'.repeat(1024 * 1024 + 1);
    await using t = await setup({ deny: ['data/'] }, { 'a.txt': 'a' }, (repo) =>
      put(repo, 'data/large', large),
    );
    await t.put('data/large', 'small');
    await makeRepository(join(t.repo, 'data/inner'), { x: '1' });
    const results = await t.undoAll();
    expect(results['data/large']).toMatchObject({ undone: false });
    expect(results['data/large']?.reason).toContain('larger than 1 MiB');
    expect(results['data/inner']).toMatchObject({ undone: false });
    expect(existsSync(join(t.repo, 'data/inner/x'))).toBe(true);
    expect(await readFile(join(t.repo, 'data/large'), 'utf8')).toBe('small');
  });

  it('are anchored at the repository’s folder, also for a goal in a folder of it', async () => {
    const folder = await tempFolder();
    await using _gone = folder;
    const repo = await makeRepository(join(folder.path, 'repo'), { 'pkg/a': '1', 'top.txt': '1' });
    const guarded = new GuardedFolders({ storeDir: join(folder.path, 'store') });
    const cwd = join(repo, 'pkg');
    const mark = await guarded.keep(cwd, { allow: ['/pkg/'], deny: [] });
    await put(repo, 'pkg/a', '2');
    await put(repo, 'top.txt', '2');
    expect(shown(await guarded.breaches(cwd, mark))).toEqual(['modified top.txt: not in allow']);
    const refuse = await guarded.refuser(cwd, mark.rules);
    expect(refuse(join(cwd, 'b'))).toBeNull();
    expect(refuse(join(repo, 'top.txt'))).toBe('not in allow');
    expect(refuse(join(repo, '.git/hooks/pre-commit'))).toBe('not in allow');
    expect(refuse('/elsewhere')).toBeNull();
  });

  it('do not mind commits: git’s own files are not looked at', async () => {
    await using t = await setup({ allow: ['src/'] }, { 'src/a': '1' });
    await t.put('src/a', '2');
    await git(t.repo, 'commit', '--all', '--quiet', '--message=more');
    expect(await t.found()).toEqual([]);
  });
});
