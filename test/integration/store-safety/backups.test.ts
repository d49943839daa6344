import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BackupKeeper } from '@goald/server/store/backups/backup-keeper.js';
import {
  backupPath,
  listBackups,
  makePrivateFile,
  pruneBackups,
} from '@goald/server/store/backups/backup-files.js';
import { takeBackup } from '@goald/server/store/backups/take-backup.js';
import { DamagedDatabaseError } from '@goald/server/store/store-fault.js';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { makeHome, T0, type Home, type Opened } from './support.js';

const HOUR_MS = 3_600_000;
const NEVER = new AbortController().signal;
const quiet = (): void => undefined;

const plan = (home: Home, failpoint: (name: string) => void = quiet) => ({
  folder: home.backups,
  reason: 'regular' as const,
  nowMs: home.nowMs,
  kept: 3,
  failpoint,
  signal: NEVER,
});

describe('a backup', () => {
  it('is one whole file that only its owner can read, taken while the store is written to', async () => {
    const home = makeHome();
    using opened = home.open();
    for (let n = 0; n < 2000; n += 1) opened.say(`${String(n)} ${'x'.repeat(2000)}`);
    const taken: string[] = [];
    const taking = takeBackup(opened.db, plan(home)).then((path) => taken.push(path));
    let during = 0;
    for (; taken.length === 0 && during < 10_000; during += 1) {
      opened.say(`during ${String(during)}`);
      await delay(0);
    }
    await taking;
    // It lets others have their turn many times.
    expect(during).toBeGreaterThan(3);
    expect(readdirSync(home.backups)).toEqual(['goald-2026-01-02T03-04-05-678Z-regular.db']);
    const [backup] = listBackups(home.backups);
    expect(backup?.path).toBe(taken[0]);
    expect(statSync(backup?.path ?? '').mode & 0o777).toBe(0o600);
    expect(statSync(home.backups).mode & 0o777).toBe(0o700);
    const copy = new Database(backup?.path, { readonly: true });
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    const seqs = copy.prepare('SELECT count(*), max(seq) FROM goal_event').raw().get();
    expect((seqs as number[])[0]).toBe((seqs as number[])[1]);
    copy.close();
  });

  it.each(['backup.beforeCopy', 'backup.copied', 'backup.checked'])(
    'that ends at %s leaves no half of itself, and the ones before stay',
    async (at) => {
      const home = makeHome();
      using opened = home.open();
      const before = opened.backup();
      home.nowMs += 1000;
      const stop = (name: string): void => {
        if (name === at) throw new Error('stopped');
      };
      await expect(takeBackup(opened.db, plan(home, stop))).rejects.toThrow('stopped');
      expect(readdirSync(home.backups).map((name) => join(home.backups, name))).toEqual([before]);
    },
  );

  it('of which only a draft was left by a kill is not taken for one, and goes with the next', async () => {
    const home = makeHome();
    using opened = home.open();
    makePrivateFile(`${backupPath(home.backups, home.nowMs, 'regular')}.draft`);
    expect(listBackups(home.backups)).toEqual([]);
    home.nowMs += 1000;
    await takeBackup(opened.db, plan(home));
    expect(readdirSync(home.backups)).toHaveLength(1);
  });

  it('too many push out the oldest of their kind; those before a migration are counted apart', () => {
    const home = makeHome();
    for (let hour = 0; hour < 5; hour += 1) {
      makePrivateFile(backupPath(home.backups, T0 + hour * HOUR_MS, hour % 2 ? 'stop' : 'regular'));
      makePrivateFile(backupPath(home.backups, T0 - (hour + 1) * HOUR_MS, 'migration'));
    }
    pruneBackups(home.backups, 2);
    expect(
      listBackups(home.backups).map(({ atMs, reason }) => [(atMs - T0) / HOUR_MS, reason]),
    ).toEqual([
      [4, 'regular'],
      [3, 'stop'],
      [-1, 'migration'],
      [-2, 'migration'],
    ]);
  });
});

/** A keeper whose clock only the test moves. */
function keeperOf(home: Home, opened: Opened, failpoint: (name: string) => void = quiet) {
  const timers = new Set<{ atMs: number; callback: () => void }>();
  const done: string[] = [];
  const problems: unknown[] = [];
  const damages: unknown[] = [];
  const keeper = new BackupKeeper({
    db: opened.db,
    folder: home.backups,
    everyMs: () => 24 * HOUR_MS,
    kept: () => 3,
    headSeq: () => opened.store.headSeq,
    now: () => home.nowMs,
    schedule: (atMs, callback) => {
      const timer = { atMs, callback };
      timers.add(timer);
      return { [Symbol.dispose]: () => timers.delete(timer) };
    },
    failpoint,
    onDone: (path) => done.push(path),
    onProblem: (error) => problems.push(error),
    onDamage: (error) => damages.push(error),
  });
  return {
    keeper,
    done,
    problems,
    damages,
    timers,
    pass: async (ms: number) => {
      home.nowMs += ms;
      const due = [...timers].filter(({ atMs }) => atMs <= home.nowMs);
      for (const timer of due) {
        timers.delete(timer);
        timer.callback();
      }
      await eventually('the keeper waits again', () => timers.size > 0);
    },
  };
}

describe('the keeper of backups', () => {
  it('takes the first soon after the start, and the next when that is a day old and something happened', async () => {
    const home = makeHome();
    using opened = home.open();
    opened.say('one');
    const { keeper, done, pass } = keeperOf(home, opened);
    keeper.start();
    await pass(60_000);
    expect(done).toHaveLength(1);
    await pass(23 * HOUR_MS);
    expect(done).toHaveLength(1);
    await pass(25 * HOUR_MS);
    expect(done).toHaveLength(1);
    opened.say('two');
    await pass(25 * HOUR_MS);
    expect(done).toHaveLength(2);
    await keeper[Symbol.asyncDispose]();
  });

  it('takes one at a clean stop if the newest is too old, and none otherwise', async () => {
    const home = makeHome();
    using opened = home.open();
    opened.say('one');
    const first = keeperOf(home, opened);
    await first.keeper.atStop();
    expect(first.done).toHaveLength(1);
    expect(listBackups(home.backups)[0]?.reason).toBe('stop');
    opened.say('two');
    const second = keeperOf(home, opened);
    await second.keeper.atStop();
    expect(second.done).toEqual([]);
    home.nowMs += 25 * HOUR_MS;
    await second.keeper.atStop();
    expect(second.done).toHaveLength(1);
  });

  it('tries again when it did not work, and says so', async () => {
    const home = makeHome();
    using opened = home.open();
    let left = 1;
    const { keeper, done, problems, pass } = keeperOf(home, opened, (name) => {
      if (name === 'backup.copied' && left-- > 0) throw new Error('no room');
    });
    opened.say('one');
    keeper.start();
    await pass(60_000);
    expect([done.length, problems.length]).toEqual([0, 1]);
    await pass(15 * 60_000);
    expect(done).toHaveLength(1);
    await keeper[Symbol.asyncDispose]();
  });

  it('reports a database that is not whole, and lets no copy of it push out a good backup', async () => {
    const home = makeHome();
    using opened = home.open();
    for (let n = 0; n < 50; n += 1) opened.say('x'.repeat(2000));
    const good = opened.backup();
    opened.db.unsafeMode(true);
    opened.db.pragma('writable_schema = ON');
    opened.db.exec("UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'goal_event'");
    opened.db.pragma('writable_schema = RESET');
    home.nowMs += 25 * HOUR_MS;
    const { keeper, done, damages } = keeperOf(home, opened);
    await keeper.atStop().catch(quiet);
    expect(done).toEqual([]);
    expect(damages[0]).toBeInstanceOf(DamagedDatabaseError);
    expect(listBackups(home.backups).map(({ path }) => path)).toEqual([good]);
  });

  it('gives up a backup that is under way when the store is to be closed', async () => {
    const home = makeHome();
    using opened = home.open();
    for (let n = 0; n < 3000; n += 1) opened.say('x'.repeat(2000));
    const { keeper, done, timers } = keeperOf(home, opened);
    keeper.start();
    home.nowMs += 60_000;
    for (const { callback } of timers) callback();
    await keeper[Symbol.asyncDispose]();
    expect(done).toEqual([]);
    expect(readdirSync(home.backups)).toEqual([]);
    opened.db.close();
  });
});
