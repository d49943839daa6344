import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toolBench } from './tool-bench.js';

describe('wait', () => {
  it('asks for what the model wants, and ends the turn when it waits', async () => {
    await using bench = await toolBench();
    expect(await bench.call('wait', { seconds: 5 })).toMatchObject({
      success: true,
      endsTurn: true,
    });
    await bench.call('wait', { until: '2030-01-01T00:00:00Z', process_id: '3' });
    await bench.call('wait', { process_id: 'three' });
    await bench.call('wait', { path: 'sub/new' });
    await bench.call('wait', { path: 'sub/' });
    expect(bench.background.waits).toEqual([
      { seconds: 5 },
      { until: '2030-01-01T00:00:00Z', process: 3 },
      { process: Number.NaN },
      { path: { absolute: join(bench.cwd, 'sub', 'new'), display: 'sub/new' } },
      { path: { absolute: join(bench.cwd, 'sub'), display: 'sub' } },
    ]);
    bench.background.reply = { text: 'no', success: false, waits: false };
    const refused = await bench.call('wait', { seconds: 5 });
    expect(refused).toEqual({ output: 'no', success: false });
  });

  it('knows no path out of the folder, also not through a link', async () => {
    await using bench = await toolBench();
    await mkdir(join(bench.cwd, '..', 'other'));
    await symlink(join(bench.cwd, '..', 'other'), join(bench.cwd, 'link'));
    for (const path of ['../other', '/etc/hosts', 'link/file', 'a\0b']) {
      const result = await bench.call('wait', { path });
      expect(result.success).toBe(false);
      expect(result.output).toMatch(/^wait: .*(leads out of|not a valid)/);
    }
    expect(bench.background.waits).toEqual([]);
  });
});

describe('process', () => {
  const poll = { process_id: 1, action: 'poll' };

  it('reads what is new, whole characters only while more may come', async () => {
    await using bench = await toolBench();
    const outputFile = join(bench.cwd, 'out');
    bench.background.add({ outputFile });
    const said = async () => (await bench.call('process', poll)).output;
    expect(await said()).toBe('Process 1 still runs. (no new output)');
    const text = Buffer.from('one €');
    await bench.write('out', text.subarray(0, -1));
    expect(await said()).toBe('Process 1 still runs. New output:\none ');
    await bench.write('out', text);
    expect(await said()).toBe('Process 1 still runs. New output:\n€');
    await bench.write('out', Buffer.concat([text, Buffer.from([0xe2])]));
    expect(await said()).toBe('Process 1 still runs. (no new output)');
    bench.background.polled(1, 7);
    await bench.background.kill(1);
    expect(await said()).toBe('Process 1 was killed. New output:\n\uFFFD');
  });

  it('shows the end of an output that grew too long, and where the rest is', async () => {
    await using bench = await toolBench({ outputTokens: 1_000_000 });
    bench.background.add({ outputFile: join(bench.cwd, 'out') });
    await bench.write('out', `${'x'.repeat(300_000)}end`);
    const { output } = await bench.call('process', poll);
    expect(output).toMatch(/New output:\n\[… 37859 bytes before this: .*out\]\nx+end$/);
    expect((await bench.call('process', poll)).output).toContain('no new output');
  });

  it('says which processes there are', async () => {
    await using bench = await toolBench();
    expect((await bench.call('process', poll)).output).toContain('None runs');
    bench.background.add({});
    const { output, success } = await bench.call('process', { process_id: '9', action: 'kill' });
    expect(success).toBe(false);
    expect(output).toBe('process: there is no background process 9. Running: 1.');
  });

  it('ends a process on demand', async () => {
    await using bench = await toolBench();
    bench.background.add({});
    const result = await bench.call('process', { process_id: 1, action: 'kill' });
    expect(result).toEqual({ output: 'Process 1 was killed. (no new output)', success: true });
  });
});
