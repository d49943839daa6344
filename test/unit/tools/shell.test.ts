import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { toolBench } from './tool-bench.js';

describe('shell', () => {
  it('answers exit code, duration, stdout and stderr in their order, and streams them', async () => {
    await using bench = await toolBench();
    const result = await bench.call('shell', { command: 'echo a; echo b >&2; echo c; exit 3' });
    expect(result.output).toBe('exit code 3, under 1 s\na\nb\nc\n');
    expect(result.success).toBe(false);
    expect(result.command).toMatchObject({ exitCode: 3, output: 'a\nb\nc\n' });
    expect(bench.live.join('')).toBe('a\nb\nc\n');
  });

  it('runs in the goal’s folder or in workdir, and refuses a folder that is not there', async () => {
    await using bench = await toolBench();
    await bench.write('sub/x', '');
    expect((await bench.call('shell', { command: 'pwd' })).output).toContain(`${bench.cwd}\n`);
    const inner = await bench.call('shell', { command: 'pwd', workdir: 'sub' });
    expect(inner.output).toContain(join(bench.cwd, 'sub'));
    const missing = await bench.call('shell', { command: 'pwd', workdir: 'no' });
    expect(missing.success).toBe(false);
    expect(missing.output).toContain('does not exist');
  });

  it('cuts a long output in the middle and keeps the whole in a file that read_file reads', async () => {
    await using bench = await toolBench({ outputTokens: 400 });
    const result = await bench.call('shell', { command: 'seq 1 5000' }, 'item-7');
    expect(result.output.length).toBeLessThan(400 * 4);
    expect(result.output).toMatch(/^exit code 0, .*\n1\n2\n/);
    expect(result.output).toMatch(/\n4999\n5000\n$/);
    const file = join(bench.outputDir, 'thread', 'item-7.txt');
    expect(result.output).toContain(`Full output: ${file}`);
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(5001);
    const read = await bench.call('read_file', { path: file, offset: 2500, limit: 1 });
    expect(read.output).toContain('\n2500');
  });

  it('keeps no file of an output that was shown whole', async () => {
    await using bench = await toolBench();
    await bench.call('shell', { command: 'echo hi' });
    expect(await readdir(join(bench.outputDir, 'thread'))).toEqual([]);
  });

  it('says that a command timed out, with its output so far', async () => {
    await using bench = await toolBench();
    const result = await bench.call('shell', { command: 'echo early; sleep 60', timeout_ms: 300 });
    expect(result.output).toMatch(/^timed out after 300 ms.*\nearly\n$/);
    expect(result.success).toBe(false);
    expect(result.command?.exitCode).toBeNull();
  });

  it('answers the output so far when the turn is stopped', async () => {
    await using bench = await toolBench();
    const running = bench.call('shell', { command: 'echo early; sleep 60' });
    await eventually('the first output', () => bench.live.join('').includes('early'));
    bench.abort.abort(new Error('stop'));
    const result = await running;
    expect(result.output).toMatch(/^stopped.*\nearly\n$/);
    expect(result.success).toBe(false);
  });

  it('starts background commands in their folder and says how to go on, or why it cannot', async () => {
    await using bench = await toolBench();
    await bench.write('sub/x', '');
    const args = { command: 'serve', workdir: 'sub', background: true };
    const result = await bench.call('shell', args);
    expect(result).toMatchObject({ success: true, command: { exitCode: null, processId: 99 } });
    expect(result.output).toMatch(/^Process 1 runs in the background\. Wait .*"process_id": 1/);
    expect(bench.background.started).toEqual([
      { command: 'serve', cwd: join(bench.cwd, 'sub'), timeoutMs: null },
    ]);
    bench.background.refusal = 'too many run';
    const refused = await bench.call('shell', args);
    expect(refused).toMatchObject({ success: false, output: 'shell: too many run' });
    const nowhere = await bench.call('shell', { ...args, workdir: 'nowhere' });
    expect(nowhere.output).toContain('does not exist');
  });

  it('shows as a command', async () => {
    await using bench = await toolBench();
    const call = { callId: 'c', name: 'shell', arguments: '{"command":"ls","workdir":"a"}' };
    const prepared = bench.tools.prepare(call, { cwd: '/w', goalTools: true });
    expect(prepared.display).toEqual({ kind: 'command', command: 'ls', cwd: '/w/a' });
    expect(prepared.readOnly).toBe(false);
  });
});
