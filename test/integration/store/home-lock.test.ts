import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HomeLockedError, lockHome } from '@goald/server/store/home-lock.js';
import { expect, it, onTestFinished } from 'vitest';
import { tempFolder } from './support/open-store.js';

const MODULE = fileURLToPath(import.meta.resolve('@goald/server/store/home-lock.js'));

/** Takes the lock, says `locked` or the name of the error, and holds on until it is killed. */
const HOLDER = `
import { lockHome } from ${JSON.stringify(MODULE)};
try {
  globalThis.held = lockHome(process.argv[1]);
  process.stdout.write('locked');
  setInterval(() => {}, 1000);
} catch (error) {
  process.stdout.write(error.name);
}
`;

interface Holder {
  readonly process: ChildProcess;
  readonly said: string;
}

/** A real process that tries to take the lock. Resolves when it has said how that went. */
async function holder(path: string): Promise<Holder> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', HOLDER, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const said = await new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').once('data', resolve);
  });
  return { process: child, said };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

const lockPath = (): string => join(tempFolder(), 'state', 'lock.db');

it('a home has one owner: a second one in the same process is refused', () => {
  const path = lockPath();
  using _held = lockHome(path);
  expect(() => lockHome(path)).toThrow(HomeLockedError);
});

it('the refusal names the home', () => {
  const path = lockPath();
  using _held = lockHome(path);
  expect(() => lockHome(path)).toThrow(join(path, '..'));
});

it('is free again when its owner lets go', () => {
  const path = lockPath();
  lockHome(path)[Symbol.dispose]();
  const again = lockHome(path);
  again[Symbol.dispose]();
});

it('two homes do not know of each other', () => {
  using _one = lockHome(lockPath());
  using _other = lockHome(lockPath());
});

it('a second process is refused while the first one lives', async () => {
  const path = lockPath();
  const first = await holder(path);
  expect(first.said).toBe('locked');
  expect((await holder(path)).said).toBe('HomeLockedError');
  expect(() => lockHome(path)).toThrow(HomeLockedError);
});

it('a process is refused while this one has the home', async () => {
  const path = lockPath();
  const held = lockHome(path);
  expect((await holder(path)).said).toBe('HomeLockedError');
  held[Symbol.dispose]();
  expect((await holder(path)).said).toBe('locked');
});

it('of many processes that start at once exactly one gets the home', async () => {
  const path = lockPath();
  const said = await Promise.all(Array.from({ length: 6 }, async () => (await holder(path)).said));
  expect(said.toSorted()).toEqual([
    ...Array.from({ length: 5 }, () => 'HomeLockedError'),
    'locked',
  ]);
});

it.each(['SIGKILL', 'SIGTERM'] as const)(
  'is free the moment its owner dies of %s',
  async (signal) => {
    const path = lockPath();
    for (let round = 0; round < 3; round += 1) {
      const owner = await holder(path);
      expect(owner.said).toBe('locked');
      await kill(owner.process, signal);
    }
    lockHome(path)[Symbol.dispose]();
  },
);
