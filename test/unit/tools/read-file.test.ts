import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toolBench } from './tool-bench.js';

describe('read_file', () => {
  it('gives the lines asked for under a header', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'one\r\ntwo\nthree\nfour');
    const all = await bench.call('read_file', { path: 'a.txt' });
    expect(all.output).toBe('[a.txt: lines 1-4 of 4]\none\ntwo\nthree\nfour');
    const some = await bench.call('read_file', { path: 'a.txt', offset: 2, limit: 2 });
    expect(some.output).toBe('[a.txt: lines 2-3 of 4]\ntwo\nthree');
  });

  it('shows 2000 lines unless asked otherwise', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'x\n'.repeat(3000));
    const { output } = await bench.call('read_file', { path: 'a.txt' });
    expect(output).toContain('[a.txt: lines 1-2000 of 3000]');
    expect(output.split('\n')).toHaveLength(2001);
  });

  it('reads across chunks without breaking characters or lines', async () => {
    await using bench = await toolBench({ outputTokens: 1_000_000 });
    const lines = Array.from({ length: 5000 }, (_, i) => `${'€'.repeat(20)}${String(i)}`);
    await bench.write('a.txt', `${lines.join('\n')}\n`);
    const { output } = await bench.call('read_file', { path: 'a.txt', limit: 10_000 });
    expect(output).toBe(`[a.txt: lines 1-5000 of 5000]\n${lines.join('\n')}`);
  });

  it('cuts very long lines and says so', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', `${'a'.repeat(2500)}\n${'b'.repeat(1_000_000)}\nend\n`);
    const { output } = await bench.call('read_file', { path: 'a.txt' });
    expect(output).toContain(`${'a'.repeat(2000)}… [500 more characters]\n`);
    expect(output).toContain(`${'b'.repeat(2000)}… [line of 1000000 bytes]\nend`);
  });

  it('answers clearly for empty, missing, binary and special files, folders and wrong offsets', async () => {
    await using bench = await toolBench();
    await mkdir(join(bench.cwd, 'dir'));
    await bench.write('empty', '');
    await bench.write('bin', Buffer.from([65, 0, 66]));
    await bench.write('short', 'one\n');
    const output = async (args: object) => (await bench.call('read_file', args)).output;
    expect(await output({ path: 'empty' })).toBe('[empty: empty file]');
    expect(await output({ path: 'no' })).toContain('no does not exist');
    expect(await output({ path: 'short/x' })).toContain('does not exist');
    expect(await output({ path: 'dir' })).toContain('is a folder. Use list_files.');
    expect(await output({ path: 'bin' })).toContain('is binary (3 bytes)');
    expect(await output({ path: '/dev/zero' })).toContain('not a regular file');
    expect(await output({ path: 'short', offset: 5 })).toContain('past the end; short has 1 lines');
  });
});
