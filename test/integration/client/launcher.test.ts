import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { daemonAnswers, ensureDaemon, readService, stopDaemon } from '@goald/client';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { clientOf, temporaryHome } from './setup.js';
import { TinyDaemon } from './tiny-daemon.js';

// A daemon as far as starting and stopping goes: one a home, the socket being the lock.
const PROGRAM = `
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const home = process.argv[process.argv.indexOf('--home') + 1];
appendFileSync(home + '/starts', process.pid + '\\n');
const socket = home + '/goald.sock';
let ready = false;
const server = createServer((request, response) => {
  const known = request.url === '/healthz' ? JSON.stringify({ pid: process.pid }) : 'ready';
  response.statusCode = request.url === '/readyz' && !ready ? 503 : 200;
  response.end(known);
});
server.on('error', () => process.exit(3));
server.listen(socket, () => setTimeout(() => {
  const endpoints = ['unix://' + socket];
  writeFileSync(home + '/service.json', JSON.stringify({ pid: process.pid, version: '1', startedAtMs: Date.now(), endpoints }));
  ready = true;
}, 50));
process.on('SIGTERM', () => { rmSync(socket, { force: true }); process.exit(0); });
`;

async function home(program = PROGRAM): Promise<{
  options: { home: string; env: NodeJS.ProcessEnv; command: [string, string] };
  folder: string;
}> {
  const folder = await temporaryHome();
  const script = path.join(folder, 'daemon.mjs');
  await writeFile(script, program);
  return {
    folder,
    options: { home: folder, env: process.env, command: [process.execPath, script] },
  };
}

it('ten that start it at once end up with one daemon, and all of them with its answer', async () => {
  const { options, folder } = await home();
  onTestFinished(async () => {
    await stopDaemon(options);
  });
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => ensureDaemon(options)));
  const launched = outcomes.filter(({ started }) => started).length;
  expect(launched).toBeGreaterThan(1);
  const starts = await eventually('all that were started have begun', async () => {
    const lines = await readFile(path.join(folder, 'starts'), 'utf8');
    const pids = lines.trim().split('\n').map(Number);
    return pids.length === launched ? pids : null;
  });
  await eventually('the losers are gone', () => starts.filter(isAlive).length === 1);
  expect((await readService(options))?.pid).toBe(starts.find(isAlive));
  expect(await ensureDaemon(options)).toEqual({ started: false });
});

it('a daemon that fails to start is reported at once, with the end of its log', async () => {
  const { options } = await home(`console.error('config.json: line 3 is wrong'); process.exit(1);`);
  const startedMs = performance.now();
  const failure: unknown = await ensureDaemon(options).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'daemon_failed' });
  expect(String(failure)).toContain('line 3 is wrong');
  expect(String(failure)).toContain('daemon.log');
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});

it('a daemon that never answers is given up at the deadline', async () => {
  const { options } = await home(`console.log('still thinking'); setTimeout(() => {}, 20_000);`);
  await expect(ensureDaemon({ ...options, deadlineMs: 2500 })).rejects.toThrow(
    /2\.5 s.*still thinking/su,
  );
});

it('a program that does not exist is reported', async () => {
  const { options } = await home();
  const missing = { ...options, command: ['/nowhere/goald'] as [string] };
  await expect(ensureDaemon(missing)).rejects.toMatchObject({ code: 'daemon_failed' });
});

it('stopping waits until the process is gone; stopping again finds nothing', async () => {
  const { options } = await home();
  await ensureDaemon(options);
  const pid = (await readService(options))?.pid ?? 0;
  expect(await stopDaemon(options)).toBe(pid);
  expect(isAlive(pid)).toBe(false);
  expect(await daemonAnswers(options)).toBe(false);
  expect(await stopDaemon(options)).toBeNull();
});

it('a service.json left behind never costs a foreign process its life', async () => {
  const { options, folder } = await home();
  const bystander = await foreignProcess();
  const endpoints = [`unix://${path.join(folder, 'goald.sock')}`];
  const left = { pid: bystander.pid, version: '1', startedAtMs: 1, endpoints };
  await writeFile(path.join(folder, 'service.json'), JSON.stringify(left));
  expect(await stopDaemon(options)).toBeNull();
  await ensureDaemon(options);
  const real = await readService(options);
  await writeFile(path.join(folder, 'service.json'), JSON.stringify(left));
  await expect(stopDaemon(options)).rejects.toMatchObject({ code: 'daemon_unsafe_to_stop' });
  expect(bystander.exitCode).toBeNull();
  expect(bystander.signalCode).toBeNull();
  await writeFile(path.join(folder, 'service.json'), JSON.stringify(real));
  await stopDaemon(options);
});

it('a client that starts its daemon does so again when it crashed', async () => {
  const { options, folder } = await home();
  const socket = path.join(folder, 'goald.sock');
  const first = new TinyDaemon();
  await first.listen({ path: socket });
  const client = await clientOf(folder, {
    env: process.env,
    autoStart: true,
    launch: { command: options.command, deadlineMs: 5000 },
    reconnect: { startAfterShutdown: false, baseMs: 1, maxMs: 10, giveUpAfterMs: 5000 },
  });
  onTestFinished(async () => {
    await stopDaemon(options);
  });
  first.dropAll();
  await first.close();
  await eventually('another was started', async () => (await readService(options)) !== null);
  await client.close();
});

it('a client does not start a daemon again that said goodbye, when told so', async () => {
  const { options, folder } = await home();
  const first = new TinyDaemon();
  await first.listen({ path: path.join(folder, 'goald.sock') });
  const client = await clientOf(folder, {
    env: process.env,
    autoStart: true,
    launch: { command: options.command },
    reconnect: { startAfterShutdown: false, baseMs: 1, maxMs: 10, giveUpAfterMs: 100 },
  });
  await first.close();
  await eventually('it gave up', () => client.state.status === 'closed');
  expect(await readService(options)).toBeNull();
});

async function foreignProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('a start made while the last daemon is still stopping waits for it and is made again', async () => {
  const { options, folder } = await home();
  // Holds the home for its first two starts, as a daemon does that is still stopping.
  const script = path.join(folder, 'daemon.mjs');
  await writeFile(
    script,
    `import { readFileSync } from 'node:fs';
let earlier = '';
try { earlier = readFileSync(process.argv.at(-1) + '/starts', 'utf8'); } catch {}
const held = earlier.trim().split('\\n').filter(Boolean).length < 2;
${PROGRAM}
if (held) process.exit(3);
`.replace('server.listen(', 'if (!held) server.listen('),
  );
  onTestFinished(async () => {
    await stopDaemon(options);
  });
  expect(await ensureDaemon(options)).toEqual({ started: true });
  const starts = (await readFile(path.join(folder, 'starts'), 'utf8')).trim().split('\n');
  expect(starts).toHaveLength(3);
});
