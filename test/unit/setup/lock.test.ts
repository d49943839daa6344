import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { acquireLock } from '../../../.ci/setup/lock.mjs';

const lockModule = pathToFileURL(join(import.meta.dirname, '../../../.ci/setup/lock.mjs')).href;
let folder: string;
let lock: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'goald-lock-'));
  lock = join(folder, 'lock');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(script: string): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

it('is held by one process at a time, however many want it', async () => {
  const log = join(folder, 'log');
  const script = `
    import { appendFileSync } from 'node:fs';
    import { acquireLock } from '${lockModule}';
    const release = await acquireLock('${lock}');
    appendFileSync('${log}', 'in ');
    await new Promise((resolve) => setTimeout(resolve, 20));
    appendFileSync('${log}', 'out ');
    release();`;
  const exits = Array.from({ length: 6 }, () => once(start(script), 'exit'));
  expect((await Promise.all(exits)).map(([code]) => code as unknown)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(readFileSync(log, 'utf8')).toBe('in out '.repeat(6));
  expect(readdirSync(folder)).toEqual(['log']);
});

it('of a process that was killed is taken over at once, even by several that see it together', async () => {
  const holder = start(`
    import { acquireLock } from '${lockModule}';
    await acquireLock('${lock}');
    console.log('held');
    setInterval(() => {}, 1000);`);
  if (holder.stdout !== null) await once(holder.stdout, 'data');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  let inside = 0;
  let most = 0;
  const take = async (): Promise<void> => {
    const release = await acquireLock(lock);
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
    release();
  };
  await Promise.all([take(), take(), take()]);
  expect(most).toBe(1);
});

it('says once who holds it, while it waits', async () => {
  const release = await acquireLock(lock);
  const told: string[] = [];
  const second = acquireLock(lock, {
    onWait: (holder) => {
      told.push(holder);
      release();
    },
  });
  (await second)();
  expect(told).toEqual([String(process.pid)]);
});

it('giving it back twice does not take it from the next holder', async () => {
  const release = await acquireLock(lock);
  release();
  const releaseNext = await acquireLock(lock);
  release();
  expect(readdirSync(folder)).toEqual(['lock']);
  releaseNext();
  expect(readdirSync(folder)).toEqual([]);
});
