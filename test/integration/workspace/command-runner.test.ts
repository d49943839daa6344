import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { commandBench } from './command-bench.js';
import { withText } from './process-probe.js';

const MIB = 1024 * 1024;

describe('running a command', () => {
  it('answers its exit code, its output in order, its process id and its time', async () => {
    await using bench = await commandBench();
    const pieces: string[] = [];
    const result = await bench.run(
      'for i in 1 2 3; do echo out$i; echo err$i >&2; done; echo $$; exit 7',
      { onOutput: (text) => pieces.push(text) },
    );
    expect(result).toMatchObject({
      exitCode: 7,
      signal: null,
      timedOut: false,
      aborted: false,
      outputTruncated: false,
    });
    expect(result.output).toBe(`out1\nerr1\nout2\nerr2\nout3\nerr3\n${String(result.processId)}\n`);
    expect(pieces.join('')).toBe(result.output);
    expect(result.durationMs).toBeLessThan(10_000);
  });

  it('names the signal that ended it', async () => {
    await using bench = await commandBench();
    expect(await bench.run('kill -KILL $$')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  it('runs with closed stdin, as leader of its own group and session', async () => {
    await using bench = await commandBench();
    const { output, processId } = await bench.run(
      'cat; cut -d" " -f5,6 /proc/$$/stat; GIT=1 printenv GIT_TERMINAL_PROMPT',
    );
    expect(output).toBe(`${String(processId)} ${String(processId)}\n0\n`);
  });

  it('keeps keys of providers and goald’s variables out, and the rest in', async () => {
    const env = {
      PATH: process.env['PATH'],
      OPENAI_API_KEY: 'leak',
      OPENAI_BASE_URL: 'leak',
      ANTHROPIC_AUTH_TOKEN: 'leak',
      AZURE_OPENAI_ENDPOINT: 'leak',
      GEMINI_API_KEY: 'leak',
      HF_TOKEN: 'leak',
      GOALD_HOME: 'leak',
      GITHUB_TOKEN: 'mine',
      GOOGLE_CLOUD_PROJECT: 'mine',
    };
    await using bench = await commandBench({ env });
    const { output } = await bench.run('env');
    expect(output).not.toContain('leak');
    expect(output).toContain('GITHUB_TOKEN=mine\n');
    expect(output).toContain('GOOGLE_CLOUD_PROJECT=mine\n');
    expect(output).toContain(`GOALD_TURN=${bench.turnId}\n`);
    expect(output).toContain(`GOALD_OWNER=${bench.homeId}\n`);
  });

  it('falls back to sh where there is no bash, and answers 127 where there is no shell', async () => {
    await using bench = await commandBench();
    await bench.run('mkdir bin empty; for t in sh echo; do ln -s $(command -v $t) bin/; done');
    await using sh = await commandBench({ env: { PATH: join(bench.cwd, 'bin') } });
    expect(await sh.run('echo "${BASH_VERSION:-none}" $0')).toMatchObject({ exitCode: 0 });
    await using none = await commandBench({ env: { PATH: join(bench.cwd, 'empty') } });
    const result = await none.run('echo hi');
    expect(result.exitCode).toBe(127);
    expect(result.output).toContain('could not be started');
  });

  it('answers 127 with the reason for a folder that is not there and a command that cannot be', async () => {
    await using bench = await commandBench();
    const missing = await bench.run('true', { cwd: join(bench.cwd, 'no') });
    expect(missing).toMatchObject({ exitCode: 127, processId: null });
    expect(missing.output).toContain(join(bench.cwd, 'no'));
    expect(await bench.run('echo \0')).toMatchObject({ exitCode: 127 });
  });

  it('puts characters together that come in pieces', async () => {
    await using bench = await commandBench();
    const pieces: string[] = [];
    const { output } = await bench.run(
      `printf '\\xf0\\x9f'; sleep 0.2; printf '\\x98\\x80'; sleep 0.2; printf '\\xe2\\x82'`,
      { onOutput: (text) => pieces.push(text) },
    );
    expect(output).toBe('😀\uFFFD');
    expect(pieces.join('')).toBe('😀\uFFFD');
  });

  it('ends with the shell although a background child holds the pipe, and leaves the child alone', async () => {
    await using bench = await commandBench();
    const started = performance.now();
    const result = await bench.run(
      `echo before; (while :; do sleep 0.05; echo tick >> ticks; echo noise; done; : ${bench.mark}) & echo after`,
    );
    expect(performance.now() - started).toBeLessThan(5000);
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.output).toMatch(/^before\nafter\n/);
    // It still writes, to a pipe that someone reads.
    const ticks = async (): Promise<number> =>
      (await readFile(join(bench.cwd, 'ticks'), 'utf8').catch(() => '')).length;
    const before = await ticks();
    await eventually('more ticks', async () => (await ticks()) > before + 20);
    const report = await bench.runner.killTurn(bench.turnId);
    expect(report.found.length).toBeGreaterThan(0);
    expect(withText(bench.mark)).toEqual([]);
  });
});

describe('output', () => {
  it('keeps head and tail of a flood within 1 MiB and writes the whole to the file', async () => {
    await using bench = await commandBench();
    const outputFile = join(bench.cwd, 'deep', 'out.txt');
    const result = await bench.run('seq -f "line %07.0f" 1 1000000', { outputFile });
    expect(result.exitCode).toBe(0);
    expect(result.outputTruncated).toBe(true);
    expect(Buffer.byteLength(result.output)).toBeLessThanOrEqual(MIB);
    expect(Buffer.byteLength(result.output)).toBeGreaterThan(MIB - 1000);
    expect(result.output).toMatch(/^line 0000001\n/);
    expect(result.output).toMatch(/\[… \d+ bytes cut …\]/);
    expect(result.output).toMatch(/line 1000000\n$/);
    expect((await stat(outputFile)).size).toBe(13_000_000);
    const cut = Number(/(\d+) bytes cut/.exec(result.output)?.[1]);
    const kept = Buffer.byteLength(result.output.replace(/\n\[… \d+ bytes cut …\]\n/, ''));
    expect(kept + cut).toBe(13_000_000);
  });

  it('does not break characters where it cuts', async () => {
    await using bench = await commandBench();
    const { output } = await bench.run(
      'for i in 1 2 3; do head -c 600001 /dev/zero; done | sed "s/\\x0/€/g"',
    );
    expect(output).toContain('bytes cut');
    expect(output).not.toContain('\uFFFD');
  });

  it('says so when the file cannot be made, and runs the command', async () => {
    await using bench = await commandBench();
    const result = await bench.run('echo hi', { outputFile: '/dev/null/out.txt' });
    expect(result.exitCode).toBe(0);
    expect(result.output).toMatch(/^hi\n\n\[the full output could not be kept/);
  });

  it('keeps the beginning of a long output in its file, and its end where that is asked for', async () => {
    await using bench = await commandBench();
    const leaders: number[] = [];
    const outputFile = join(bench.cwd, 'out', 'log');
    const result = await bench.run('echo begin; head -c 300000 /dev/zero | tr "\\0" x; echo end', {
      outputFile,
      maxFileBytes: 1000,
      keepsEnd: true,
      onStarted: ({ pid }) => leaders.push(pid),
    });
    expect(leaders).toEqual([result.processId]);
    const text = await readFile(outputFile, 'utf8');
    expect(text).toMatch(
      /^begin\nx+\n\[… over 1000 bytes …\]\nx+\n\[… \d+ bytes cut …\]\nx+end\n$/,
    );
    expect(text.length).toBeLessThan(70_000);
  });
});
