import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tryOut } from '@goald/server/workspace/sandbox/daemon-sandbox.js';
import { ATTEMPTS, type Attempt } from './attempts.js';
import { FOLDERS } from './attempts-folders.js';
import { escapeWorld, type EscapeWorld } from './world.js';

let world: EscapeWorld;
/** In a container, or in another sandbox, no /proc can be mounted: names and arguments of processes are seen, as doctor says there. */
let sharesProc: boolean;

beforeAll(async () => {
  sharesProc = (await tryOut(process.env)).limits.some((limit) => limit.includes('can be seen'));
  world = await escapeWorld();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

beforeEach(() => {
  clearShared();
  world.reset();
});

function clearShared(): void {
  for (const name of readdirSync('/dev/shm')) {
    if (name.startsWith('goald-escape-')) rmSync(join('/dev/shm', name));
  }
}

async function escapes(mode: 'workspace-write' | 'danger-full-access', attempt: Attempt) {
  const options = { waitMs: attempt.waitMs, folders: attempt.folders?.(world) };
  let output = await world.run(mode, attempt.script, options);
  if (attempt.next !== undefined) output += await world.run(mode, attempt.next, options);
  return { escaped: attempt.escaped(world, output), output };
}

describe.each(Object.entries({ ...ATTEMPTS, folders: FOLDERS }))('%s', (_kind, attempts) => {
  it.each(attempts)('$name gets out of nothing but no sandbox', async (attempt) => {
    const confined = await escapes('workspace-write', attempt);
    const isSeen = attempt.needsOwnProc === true && sharesProc;
    expect(confined.escaped, confined.output).toBe(isSeen);
    clearShared();
    world.reset();
    const free = await escapes('danger-full-access', attempt);
    expect(free.escaped, free.output).toBe(true);
  });
});

it('the keyrings of the session cannot be asked for', async () => {
  const script =
    'perl -e \'$n = `uname -m` =~ /aarch64/ ? 219 : 250; $r = syscall($n, 0, -3, 0); print "errno=", $! + 0, " r=$r\\n"\'';
  const NO_SUCH_CALL = 'errno=38 r=-1';
  expect(await world.run('workspace-write', script)).toContain(NO_SUCH_CALL);
  // Without a sandbox they can be asked for as much as by this test, which may stand in a sandbox itself.
  const asked = spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim();
  expect(asked).toMatch(/^errno=/u);
  expect(await world.run('danger-full-access', script)).toContain(asked);
});
