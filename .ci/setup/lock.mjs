import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const HEARTBEAT_MS = 2000;
const STALE_MS = 20_000;
const POLL_MS = 100;

/** The name of the file in the lock folder says who holds it: process id, host, and a key that no other holder has. */
function newOwner() {
  return `${process.pid}@${hostname()}@${randomUUID()}`;
}

/**
 * Takes an exclusive lock among processes that share this file system. A holder that died is noticed: at once on the
 * same machine (its process is gone), else when its heartbeat is 20 s old. Does not keep the process alive.
 * @param {string} path of the lock folder
 * @param {{ onWait?: (holder: string) => void }} [options] `onWait` is called once, when another process holds it
 * @returns {Promise<() => void>} gives the lock back; safe to call twice
 */
export async function acquireLock(path, options = {}) {
  const owner = newOwner();
  const ready = `${path}.${owner}`;
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(ready);
  writeFileSync(join(ready, owner), '');
  let told = false;
  for (;;) {
    if (tryRename(ready, path)) break;
    const holder = holderOf(path);
    if (holder !== null && isStale(path, holder)) {
      // The target keeps its file for a while, so that a second process that judged the same holder cannot move a newer one away.
      tryRename(path, `${path}.stale.${holder.split('@').at(-1) ?? ''}`);
      continue;
    }
    if (holder !== null && !told) {
      told = true;
      options.onWait?.(holder.split('@')[0] ?? holder);
    }
    await sleep(POLL_MS);
    touch(ready, owner);
  }
  sweep(path);
  const heartbeat = setInterval(() => touch(path, owner), HEARTBEAT_MS);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    // Moved away whole first: a folder emptied in place is free before it is gone, and what the next holder puts there would go with it.
    const done = `${path}.done.${owner}`;
    if (holderOf(path) === owner && tryRename(path, done)) {
      rmSync(done, { recursive: true, force: true });
    }
  };
}

/**
 * Renaming a folder onto one that has a file in it fails: that is the exclusion.
 * @param {string} from
 * @param {string} to
 */
function tryRename(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} path
 * @returns {string | null}
 */
function holderOf(path) {
  try {
    return readdirSync(path)[0] ?? null;
  } catch {
    return null;
  }
}

/**
 * @param {string} path
 * @param {string} holder
 */
function isStale(path, holder) {
  const [pid, host] = holder.split('@');
  if (host === hostname() && !isAlive(Number(pid))) return true;
  const stat = statSync(join(path, holder), { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > STALE_MS;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * @param {string} path
 * @param {string} owner
 */
function touch(path, owner) {
  try {
    utimesSync(join(path, owner), new Date(), new Date());
  } catch {
    // The folder was taken away from under us; the next look at it decides.
  }
}

/**
 * Removes what dead waiters and dead holders left beside the lock, once it is old.
 * @param {string} path
 */
function sweep(path) {
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const folder = join(dirname(path), name);
    const inside = holderOf(folder);
    const stat = statSync(inside === null ? folder : join(folder, inside), {
      throwIfNoEntry: false,
    });
    if (stat !== undefined && Date.now() - stat.mtimeMs > 3 * STALE_MS) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
