import { describe, expect, it } from 'vitest';
import { OutputFiles } from '@goald/server/agent/tools/output-files.js';
import { searchTool } from '@goald/server/agent/tools/search.js';
import { git } from '../../helpers/git-repository.js';
import { toolBench } from './tool-bench.js';

describe('search', () => {
  it('finds lines as path:line: text in files that git does not ignore', async () => {
    await using bench = await toolBench();
    await git(bench.cwd, 'init', '--quiet');
    await bench.write('.gitignore', 'dist\n');
    await bench.write('src/a.ts', 'one\r\nconst needle = 1;\r\n');
    await bench.write('b.md', 'needle 2\n');
    await bench.write('dist/a.js', 'needle\n');
    await bench.write('bin.dat', Buffer.concat([Buffer.from([0]), Buffer.from('needle')]));
    const { output } = await bench.call('search', { pattern: 'needle .*\\d' });
    expect(output.split('\n')).toEqual(['b.md:1: needle 2', 'src/a.ts:2: const needle = 1;']);
  });

  it('narrows by path, by file and by glob, with paths from the goal’s folder', async () => {
    await using bench = await toolBench();
    for (const path of ['src/a.ts', 'src/deep/b.ts', 'src/c.js', 'd.ts']) {
      await bench.write(path, 'x\n');
    }
    const search = async (args: object) =>
      (await bench.call('search', { pattern: 'x', ...args })).output.split('\n');
    expect(await search({ path: 'src/a.ts' })).toEqual(['src/a.ts:1: x']);
    expect(await search({ path: 'src', glob: '*.ts' })).toEqual([
      'src/a.ts:1: x',
      'src/deep/b.ts:1: x',
    ]);
    expect(await search({ glob: 'src/*.{ts,js}' })).toEqual(['src/a.ts:1: x', 'src/c.js:1: x']);
    expect(await search({ path: 'src', glob: 'src/**/b.ts' })).toEqual(['src/deep/b.ts:1: x']);
  });

  it('searches for an invalid expression as plain text and says so', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'call(foo[0\n');
    const { output } = await bench.call('search', { pattern: 'foo[' });
    expect(output).toMatch(/plain text/);
    expect(output).toContain('a.txt:1: call(foo[0');
  });

  it('understands the inline flag (?i)', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'NEEDLE\n');
    expect((await bench.call('search', { pattern: '(?i)needle' })).output).toBe('a.txt:1: NEEDLE');
  });

  it('shows at most 200 matches and cuts long lines', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'x\n'.repeat(300));
    await bench.write('b.txt', `${'y'.repeat(5000)}\n`);
    const many = (await bench.call('search', { pattern: 'x' })).output.split('\n');
    expect(many).toHaveLength(201);
    expect(many.at(-1)).toContain('only the first 200');
    expect((await bench.call('search', { pattern: 'y' })).output.length).toBeLessThan(400);
  });

  it('leaves out huge files and says so, and says when nothing was found', async () => {
    await using bench = await toolBench();
    await bench.write('big.txt', `needle\n${'x'.repeat(6 * 1024 * 1024)}`);
    await bench.write('a.txt', 'nothing\n');
    const { output } = await bench.call('search', { pattern: 'needle' });
    expect(output).toBe('No matches in 1 files.\n[1 files over 5 MiB not searched]');
  });

  it('gives up on an expression that runs away, with what it found before', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'aaa!\n');
    await bench.write('b.txt', `${'a'.repeat(40)}b\n`);
    const files = { folder: bench.outputDir, limit: 1000, countTokens: () => 1 };
    const tool = searchTool(new OutputFiles(files), () => null, 2000);
    const args = JSON.stringify({ pattern: '^(a+)+!?$|aaa!' });
    const call = { callId: 'c', name: 'search', arguments: args };
    const { output } = await tool.prepare(call, bench.cwd).run(bench.context('item'));
    expect(output).toContain('a.txt:1: aaa!');
    expect(output).toContain('stopped after 2 s');
  });

  it.each([0, 500])('stops with the turn, %i ms into the search', async (ms) => {
    await using bench = await toolBench();
    await bench.write('b.txt', `${'a'.repeat(40)}b\n`);
    const running = bench.call('search', { pattern: '^(a+)+$' });
    const started = performance.now();
    setTimeout(() => {
      bench.abort.abort(new Error('the turn is over'));
    }, ms);
    await expect(running).rejects.toThrow('the turn is over');
    expect(performance.now() - started).toBeLessThan(ms + 4000);
  });
});
