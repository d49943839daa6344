import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { git } from '../../helpers/git-repository.js';
import { toolBench } from './tool-bench.js';

describe('list_files', () => {
  it('lists two levels, folders first, without what git ignores', async () => {
    await using bench = await toolBench();
    await git(bench.cwd, 'init', '--quiet');
    for (const path of [
      'b.txt',
      'a/z.txt',
      'a/deep/deeper.txt',
      'a/skip.log',
      'node_modules/x/index.js',
      'keep/skip.log',
    ]) {
      await bench.write(path, '');
    }
    await bench.write('.gitignore', '*.log\nnode_modules/\n');
    await bench.write('keep/.gitignore', '!skip.log\n');
    await symlink('b.txt', join(bench.cwd, 'link'));
    const { output } = await bench.call('list_files', { path: '.' });
    expect(output.split('\n')).toEqual([
      'a/',
      'a/deep/',
      'a/z.txt',
      'keep/',
      'keep/.gitignore',
      'keep/skip.log',
      '.gitignore',
      'b.txt',
      'link@',
    ]);
    const deep = await bench.call('list_files', { path: 'a', depth: 3 });
    expect(deep.output.split('\n')).toEqual(['deep/', 'deep/deeper.txt', 'z.txt']);
    const ignored = await bench.call('list_files', { path: 'node_modules', depth: 3 });
    expect(ignored.output.split('\n')).toEqual(['x/', 'x/index.js']);
  });

  it('shows at most 500 entries, the upper levels first, and counts the rest', async () => {
    await using bench = await toolBench();
    for (let i = 0; i < 520; i += 1) await bench.write(`a/${String(i)}.txt`, '');
    await bench.write('z.txt', '');
    const { output } = await bench.call('list_files', { path: '.' });
    const lines = output.split('\n');
    expect(lines).toHaveLength(501);
    expect(lines).toContain('z.txt');
    expect(lines.at(-1)).toContain('… 22 more left out');
  });

  it('answers clearly for files and missing folders', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', '');
    expect((await bench.call('list_files', { path: 'a.txt' })).output).toContain('is a file');
    expect((await bench.call('list_files', { path: 'no' })).output).toContain('does not exist');
  });
});
