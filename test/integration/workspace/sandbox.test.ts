import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { listProcesses } from '@goald/server/workspace/list-processes.js';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { sandboxBench } from './sandbox-bench.js';

describe('a confined command', () => {
  it('answers exit code, output and duration like any other, with both streams in order', async () => {
    await using bench = await sandboxBench();
    const result = await bench.run('echo out; echo err >&2; echo out again; exit 7');
    expect(result).toMatchObject({ exitCode: 7, signal: null, timedOut: false, aborted: false });
    expect(result.output).toBe('out\nerr\nout again\n');
  });

  it('works in its folder, and finds nothing there that was not there', async () => {
    await using bench = await sandboxBench();
    await writeFile(join(bench.cwd, 'a.txt'), 'one\n');
    const { output } = await bench.run('pwd; cat a.txt; echo two > b.txt');
    expect(output).toBe(`${bench.cwd}\none\n`);
    expect(await readdir(bench.cwd)).toEqual(['a.txt', 'b.txt']);
  });

  it('that cannot be set up was not started, and says why', async () => {
    await using bench = await sandboxBench();
    const gone = await bench.run('echo ran', { cwd: join(bench.cwd, 'nowhere') });
    expect(gone.exitCode).toBe(127);
    expect(gone.output).toMatch(
      /could not be started: the sandbox could not be set up: .*nowhere/u,
    );
    await symlink('/etc', join(bench.cwd, '.git'));
    const link = await bench.run('echo ran');
    expect(link.exitCode).toBe(127);
    expect(link.output).toContain('.git is no plain folder');
    expect(link.output).not.toContain('ran\n');
  });

  it('has a loopback of its own: servers and clients of one command meet, the machine is not there', async () => {
    await using bench = await sandboxBench();
    const outside = createServer((socket) => socket.end('the machine'));
    await new Promise<void>((fulfil) => outside.listen(0, '127.0.0.1', fulfil));
    const address = outside.address();
    const port = typeof address === 'object' ? address?.port : null;
    const script = `
      const net = require('net');
      const server = net.createServer((s) => s.end('its own')).listen(0, '127.0.0.1', () => {
        net.connect(server.address().port, '127.0.0.1').on('data', (d) => {
          console.log(String(d));
          net.connect(${String(port)}, '127.0.0.1').on('error', (e) => { console.log(e.code); server.close(); });
        });
      });`;
    const command = `'${process.execPath}' -e "$SCRIPT"`;
    const { output } = await bench.run(`SCRIPT=$(cat <<'END'\n${script}\nEND\n)\n${command}`);
    expect(output).toBe('its own\nECONNREFUSED\n');
    const free = await bench.run(
      `'${process.execPath}' -e 'require("net").connect(${String(port)},"127.0.0.1").on("data",(d)=>console.log(String(d)))'`,
      { confinement: bench.confinement({ network: true }) },
    );
    expect(free.output).toBe('the machine\n');
    outside.close();
  });

  it('keeps what it wrote for later in its private folders, from command to command of its thread', async () => {
    await using bench = await sandboxBench();
    await bench.run('echo kept > ~/.npm/kept');
    expect((await bench.run('cat ~/.npm/kept')).output).toBe('kept\n');
    expect(existsSync(join(bench.home, '.npm'))).toBe(false);
    const other = await bench.run('ls ~/.npm', {
      confinement: bench.confinement({ owner: 'another' }),
    });
    expect(other.output).toBe('');
    await bench.sandbox.forget('thread');
    expect((await bench.run('cat ~/.npm/kept')).exitCode).toBe(1);
  });

  it('in read-only changes nothing but its private folders', async () => {
    await using bench = await sandboxBench();
    const confinement = bench.confinement({ mode: 'read-only', writableRoots: [] });
    const { output } = await bench.run('echo x > new; echo kept > /tmp/a && cat /tmp/a', {
      confinement,
    });
    expect(output).toMatch(/new: Read-only file system\nkept\n$/u);
    expect(await readdir(bench.cwd)).toEqual([]);
  });

  it('may change further roots, and git’s files where the configuration allows it', async () => {
    await using bench = await sandboxBench();
    const more = join(bench.home, 'more');
    await mkdir(more);
    await mkdir(join(bench.cwd, '.git'));
    await writeFile(join(bench.cwd, '.git', 'HEAD'), 'ref: refs/heads/main\n');
    const roots = { writableRoots: [bench.cwd, more] };
    const closed = bench.confinement(roots);
    const script = `echo x > ${more}/new; echo x > .git/new`;
    expect((await bench.run(script, { confinement: closed })).output).toContain('.git/new');
    expect(existsSync(join(more, 'new'))).toBe(true);
    const open = bench.confinement({ ...roots, writableGit: true });
    expect((await bench.run(script, { confinement: open })).output).toBe('');
    expect(existsSync(join(bench.cwd, '.git', 'new'))).toBe(true);
  });

  it('uses tools of the home, which it cannot change', async () => {
    await using bench = await sandboxBench();
    const bin = join(bench.home, '.cargo', 'bin');
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, 'tool'), '#!/bin/sh\necho a tool\n', { mode: 0o755 });
    const { output } = await bench.run('~/.cargo/bin/tool; echo x > ~/.cargo/bin/tool');
    expect(output).toMatch(/^a tool\n.*Read-only file system\n$/u);
  });
});

describe('ending a confined command', () => {
  it('gives its processes the grace time to end by themselves', async () => {
    await using bench = await sandboxBench();
    const running = bench.run(
      `trap 'echo bye > bye; exit 0' TERM; touch up; while :; do sleep 0.05; done`,
    );
    await eventually('the trap', () => existsSync(join(bench.cwd, 'up')));
    await bench.runner.killTurn(bench.turnId);
    await running;
    expect(await readFile(join(bench.cwd, 'bye'), 'utf8')).toBe('bye\n');
  });

  it('by its timeout ends everything in it, deaf or not, and keeps the output so far', async () => {
    await using bench = await sandboxBench();
    const running = bench.run(`trap '' TERM; echo early; setsid sleep 1000 & sleep 1000`, {
      timeoutMs: 500,
    });
    const result = await running;
    expect(result).toMatchObject({ exitCode: null, timedOut: true, output: 'early\n' });
    const { found } = await bench.runner.killStrays();
    expect(found).toEqual([]);
  });

  it('with too many processes says so', async () => {
    await using bench = await sandboxBench({ maxProcesses: 20 });
    const result = await bench.run('for i in $(seq 60); do sleep 100 & done; wait');
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    expect(result.output).toContain('more than 20 processes (sandbox.maxProcesses)');
    expect(listProcesses('nobody')).toEqual([]);
  });
});
