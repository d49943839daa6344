import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toolBench, type ToolBench } from './tool-bench.js';

const envelope = (...lines: string[]): string =>
  ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');

const patch = (bench: ToolBench, ...lines: string[]) =>
  bench.call('apply_patch', { patch: envelope(...lines) });

const TWICE = 'function a() {\n  return 1;\n}\n\nfunction b() {\n  return 1;\n}\n';

describe('apply_patch refuses', () => {
  async function refused(
    bench: ToolBench,
    lines: readonly string[],
    ...says: readonly (string | RegExp)[]
  ): Promise<void> {
    const result = await patch(bench, ...lines);
    expect(result.success).toBe(false);
    expect(result.changes).toBeUndefined();
    for (const words of says) expect(result.output).toMatch(words);
    expect(result.output).toContain('Nothing was changed.');
  }

  it('missing context, naming file, hunk, lines and the closest place', async () => {
    await using bench = await toolBench();
    await bench.write('src/a.txt', 'one\ntwo\nthree\n');
    await refused(
      bench,
      ['*** Update File: src/a.txt', '-one', '+1', '@@', ' twoo', '-three', '+3'],
      'src/a.txt: hunk 2 of 2',
      '  twoo\n  three',
      /closest place, line 2, reads:\n {2}two\n {2}three/,
    );
    expect(await bench.read('src/a.txt')).toBe('one\ntwo\nthree\n');
  });

  it('an ambiguous place, naming the lines it fits', async () => {
    await using bench = await toolBench();
    await bench.write('a.js', TWICE);
    await refused(
      bench,
      ['*** Update File: a.js', '-  return 1;', '+  return 2;'],
      'a.js: hunk 1 of 1',
      /ambiguous.*lines 2, 6/,
    );
  });

  it('an @@ line that is not there', async () => {
    await using bench = await toolBench();
    await bench.write('a.js', TWICE);
    await refused(
      bench,
      ['*** Update File: a.js', '@@ function c() {', '-  return 1;', '+  return 2;'],
      'hunk 1',
      'function c() {',
    );
  });

  it('the whole patch when one part of it does not fit', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'one\n');
    await refused(bench, [
      '*** Add File: new.txt',
      '+new',
      '*** Update File: a.txt',
      '-one',
      '+two',
      '*** Delete File: missing.txt',
    ]);
    expect(await readdir(bench.cwd)).toEqual(['a.txt']);
    expect(await bench.read('a.txt')).toBe('one\n');
  });

  it.each(['../out.txt', 'sub/../../out.txt', '/tmp/goald-out.txt', 'link/out.txt', 'linkfile'])(
    'a path that leaves the folder: %s',
    async (path) => {
      await using bench = await toolBench();
      await mkdir(join(bench.outputDir));
      await symlink(bench.outputDir, join(bench.cwd, 'link'));
      await symlink(join(bench.outputDir, 'x'), join(bench.cwd, 'linkfile'));
      const head = path === 'linkfile' ? 'Update' : 'Add';
      const lines = [`*** ${head} File: ${path}`, '+x'];
      const result = await patch(bench, ...lines);
      expect(result.success).toBe(false);
      expect(result.output).toMatch(/leads out of the folder|points to nothing/);
      expect(await readdir(bench.outputDir)).toEqual([]);
    },
  );

  it('a symlink to a file outside, but deletes the link itself', async () => {
    await using bench = await toolBench();
    await mkdir(bench.outputDir);
    const outside = join(bench.outputDir, 'secret.txt');
    await bench.write('../outputs/secret.txt', 'secret\n');
    await symlink(outside, join(bench.cwd, 'link'));
    await refused(bench, ['*** Update File: link', '-secret', '+x'], 'leads out of the folder');
    const result = await patch(bench, '*** Delete File: link');
    expect(result.success, result.output).toBe(true);
    expect(await bench.read('../outputs/secret.txt')).toBe('secret\n');
  });

  it('folders, binary files, files that are there already and files that are not', async () => {
    await using bench = await toolBench();
    await bench.write('dir/a.txt', 'a\n');
    await bench.write('bin', Buffer.from([1, 0, 2]));
    await bench.write('latin', Buffer.from([0xe9, 0x0a]));
    await refused(bench, ['*** Update File: dir', '-a', '+b'], 'is a folder');
    await refused(bench, ['*** Delete File: dir'], 'is a folder');
    await refused(bench, ['*** Update File: bin', '-a', '+b'], 'binary');
    await refused(bench, ['*** Update File: latin', '-a', '+b'], 'UTF-8');
    await refused(bench, ['*** Add File: dir/a.txt', '+b'], 'exists already');
    await refused(bench, ['*** Add File: dir/a.txt/b', '+b'], 'file, not a folder');
    await refused(bench, ['*** Update File: no.txt', '-a', '+b'], 'no such file');
    await refused(
      bench,
      ['*** Update File: bin', '*** Move to: dir/a.txt', '-a', '+b'],
      /binary|exists/,
    );
  });

  it.each([
    ['no envelope', 'hello', 'must start with'],
    ['no end', '*** Begin Patch\n*** Add File: a\n+x', 'must end with'],
    ['nothing in it', envelope(), 'is empty'],
    ['an unknown header', envelope('*** Rename File: a'), 'not understood'],
    ['a stray line in an added file', envelope('*** Add File: a', 'x'), 'starts with [+]'],
    ['a stray line in a hunk', envelope('*** Update File: a', '-x', 'y'), 'neither a space'],
    ['a hunk that changes nothing', envelope('*** Update File: a', '@@', ' x'), 'changes nothing'],
    ['an update without a hunk', envelope('*** Update File: a'), 'no hunk'],
  ])('a malformed patch: %s', async (_name, text, words) => {
    await using bench = await toolBench();
    const result = await bench.call('apply_patch', { patch: text });
    expect(result.success).toBe(false);
    expect(result.output).toMatch(new RegExp(words));
  });

  it('puts everything back when a write fails half-way', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'one\n');
    await bench.write('ro/b.txt', 'b\n');
    // One name for a file and a folder: only the rename fails, after the other files were replaced.
    const result = await patch(
      bench,
      '*** Update File: a.txt',
      '-one',
      '+two',
      '*** Delete File: ro/b.txt',
      '*** Add File: made/for/this.txt',
      '+x',
      '*** Add File: both',
      '+x',
      '*** Add File: both/inner',
      '+x',
    );
    expect(result.success).toBe(false);
    expect(result.output).toMatch(/could not be written: E.*Nothing was changed/);
    expect(await bench.read('a.txt')).toBe('one\n');
    expect(await bench.read('ro/b.txt')).toBe('b\n');
    expect((await readdir(bench.cwd)).sort()).toEqual(['a.txt', 'ro']);
  });
});
