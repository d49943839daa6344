import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EmptyProcessTable } from '@goald/server/workspace/process-table.js';
import { eventually } from '../../helpers/eventually.js';
import { commandBench } from './command-bench.js';
import { isAlive, withText } from './process-probe.js';

describe('stopping a command', () => {
  it('ends it and its children on timeout, and keeps the output so far', async () => {
    await using bench = await commandBench();
    const result = await bench.run(`echo early; sleep ${bench.mark} & sleep ${bench.mark}`, {
      timeoutMs: 300,
    });
    expect(result).toMatchObject({ exitCode: null, timedOut: true, aborted: false });
    expect(result.output).toBe('early\n');
    expect(withText(bench.mark)).toEqual([]);
  });

  it('ends it on abort, and starts nothing when it was aborted before', async () => {
    await using bench = await commandBench();
    const abort = new AbortController();
    const running = bench.run(`touch started; sleep ${bench.mark}`, { signal: abort.signal });
    await eventually('the sleep', () => withText(bench.mark).length > 0);
    abort.abort();
    expect(await running).toMatchObject({ exitCode: null, aborted: true, timedOut: false });
    expect(withText(bench.mark)).toEqual([]);
    const never = await bench.run('touch never', { signal: abort.signal });
    expect(never).toMatchObject({ aborted: true, processId: null });
    await expect(readFile(join(bench.cwd, 'never'))).rejects.toThrow();
  });

  it('gives processes the grace time to end by themselves', async () => {
    await using bench = await commandBench({ stopGraceMs: 5000 });
    const started = performance.now();
    const running = bench.run(
      `trap 'echo bye > bye; exit 0' TERM; sleep ${bench.mark} & touch up; wait`,
    );
    await eventually('the trap', () => readFile(join(bench.cwd, 'up')).catch(() => null));
    const report = await bench.runner.killTurn(bench.turnId);
    await running;
    expect(report.forced).toEqual([]);
    expect(report.found.length).toBeGreaterThanOrEqual(2);
    expect(await readFile(join(bench.cwd, 'bye'), 'utf8')).toBe('bye\n');
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('ends a stopped process gently', async () => {
    await using bench = await commandBench({ stopGraceMs: 5000 });
    const running = bench.run(
      `trap 'echo bye > bye; exit 0' TERM; kill -STOP $$; :; : ${bench.mark}`,
    );
    const [pid = 0] = await eventually('the shell', () => {
      const found = withText(bench.mark);
      return found.length > 0 && found;
    });
    await eventually('the stop', async () =>
      (await readFile(`/proc/${String(pid)}/stat`, 'latin1')).includes(') T '),
    );
    expect((await bench.runner.killTurn(bench.turnId)).forced).toEqual([]);
    expect(await readFile(join(bench.cwd, 'bye'), 'utf8')).toBe('bye\n');
    await running;
  });

  it('kills a tree that ignores SIGTERM, wherever its members went', async () => {
    await using bench = await commandBench();
    const ignore = `trap "" TERM; while :; do sleep ${bench.mark}; done`;
    const abort = new AbortController();
    const running = bench.run(
      [
        `trap "" TERM`,
        `bash -c '${ignore}' &`,
        `setsid bash -c '${ignore}' &`,
        `(setsid bash -c '${ignore}' &) `,
        `env -i setsid bash -c '${ignore}' &`,
        `env -i bash -c '${ignore}' &`,
        `nohup bash -c '${ignore}' >/dev/null 2>&1 &`,
        `while :; do sleep ${bench.mark}; done`,
      ].join('\n'),
      { signal: abort.signal },
    );
    await eventually('seven sleeps', () => withText(`sleep\0${bench.mark}`).length === 7);
    abort.abort();
    expect(await running).toMatchObject({ aborted: true });
    expect(withText(bench.mark)).toEqual([]);
  });

  it('kills a tree that ignores SIGTERM and keeps forking', async () => {
    await using bench = await commandBench();
    // Each process starts its successor in a session of its own, and ends.
    const chain = `trap "" TERM; sleep 0.0${bench.mark}; echo x >> ${join(bench.cwd, 'chain')}; (setsid bash -c "$CHAIN" &)`;
    const bush = `trap "" TERM; while :; do (sleep ${bench.mark} &) ; sleep 0.01; done`;
    const running = bench.run(
      `export CHAIN='${chain}'; trap "" TERM; bash -c "$CHAIN" & bash -c '${bush}' & wait; sleep ${bench.mark}`,
    );
    await eventually('a chain of ten', async () => {
      const text = await readFile(join(bench.cwd, 'chain'), 'utf8').catch(() => '');
      return text.length >= 20;
    });
    await eventually('a bush of ten', () => withText(bench.mark).length > 10);
    const report = await bench.runner.killTurn(bench.turnId);
    expect(report.forced.length).toBeGreaterThan(10);
    expect(withText(bench.mark)).toEqual([]);
    const length = (await readFile(join(bench.cwd, 'chain'))).length;
    // Long enough for several more links, had one survived.
    await delay(300);
    expect((await readFile(join(bench.cwd, 'chain'))).length).toBe(length);
    await running;
  });

  it('leaves other commands of the turn alone when one times out', async () => {
    await using bench = await commandBench();
    await bench.run(`sleep ${bench.mark} >/dev/null 2>&1 &`);
    await bench.run('sleep 60', { timeoutMs: 200 });
    expect(withText(bench.mark)).toHaveLength(1);
  });
});

describe('ending a turn', () => {
  it('ends what its commands left behind, and only that', async () => {
    await using bench = await commandBench();
    await using other = await commandBench();
    await bench.run(
      `sleep ${bench.mark} & setsid sleep ${bench.mark} & set -m; env -i sleep ${bench.mark} & sleep 0.2`,
    );
    await other.run(`sleep ${other.mark} &`);
    await bench.run(`sleep ${bench.mark} &`, { turnId: `${bench.turnId}-2` });
    const report = await bench.runner.killTurn(bench.turnId);
    expect(report.found).toHaveLength(3);
    expect(report.forced).toEqual([]);
    for (const pid of report.found) expect(isAlive(pid)).toBe(false);
    expect(withText(bench.mark)).toHaveLength(1);
    expect(withText(other.mark)).toHaveLength(1);
    await bench.runner.killTurn(`${bench.turnId}-2`);
    expect(withText(bench.mark)).toEqual([]);
  });

  it('finds a daemon that a command made by forking twice into a session of its own, long after the command', async () => {
    await using bench = await commandBench();
    await bench.run('true');
    const daemon = `(setsid bash -c '(exec 1>&-; sleep ${bench.mark} &) ; exit' &) ; sleep 0.3`;
    expect(await bench.run(daemon)).toMatchObject({ exitCode: 0 });
    const [left = 0] = withText(`sleep\0${bench.mark}`);
    expect(isAlive(left)).toBe(true);
    expect((await bench.runner.killTurn(bench.turnId)).found).toContain(left);
    expect(isAlive(left)).toBe(false);
  });

  it('finds nothing for a turn that ran nothing', async () => {
    await using bench = await commandBench();
    expect(await bench.runner.killTurn('none')).toEqual({ found: [], forced: [] });
  });

  it('works by process groups alone where processes cannot be listed', async () => {
    await using bench = await commandBench({ table: new EmptyProcessTable() });
    const result = await bench.run(
      `trap "" TERM; sleep ${bench.mark} & wait; sleep ${bench.mark}`,
      {
        timeoutMs: 300,
      },
    );
    expect(result.timedOut).toBe(true);
    await eventually('all dead', () => withText(bench.mark).length === 0);
  });
});

describe('strays', () => {
  it('ends what an earlier runner of this home left, not its own and not another home’s', async () => {
    const homeId = `home-${String(process.pid)}-${String(Date.now())}`;
    await using old = await commandBench({ homeId });
    await using now = await commandBench({ homeId });
    await using other = await commandBench();
    await old.run(`setsid sleep ${old.mark} & sleep 0.1`);
    await now.run(`sleep ${now.mark} &`);
    await other.run(`sleep ${other.mark} &`);
    const report = await now.runner.killStrays();
    expect(report.found.length).toBeGreaterThan(0);
    expect(withText(old.mark)).toEqual([]);
    expect(withText(now.mark)).toHaveLength(1);
    expect(withText(other.mark)).toHaveLength(1);
    expect(await now.runner.killStrays()).toEqual({ found: [], forced: [] });
  });
});
