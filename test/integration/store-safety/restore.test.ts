import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { recoveryText } from '@goald/server/store/backups/recovery-note.js';
import { suspectFile } from '@goald/server/store/backups/find-damage.js';
import { describe, expect, it } from 'vitest';
import { leaveBehind, makeHome, T0, type Home } from './support.js';

const LONG = 'x'.repeat(3000);

/** A store that said one and two, was backed up, and said three to five. */
function backedUpHome(): Home {
  const home = makeHome();
  using opened = home.open();
  for (const text of ['one', 'two']) opened.say(text + LONG);
  opened.db.prepare("INSERT INTO folder_trust VALUES ('/repo', 'trusted', 1, '{}')").run();
  opened.backup();
  home.nowMs += 60_000;
  for (const text of ['three', 'four', 'five']) opened.say(text + LONG);
  return home;
}

const words = (said: readonly unknown[]): string[] =>
  said.map((text) => String(text).replace(LONG, ''));

/** Writes bytes over the middle of a file. */
function overwrite(path: string, from: number, bytes: number): void {
  const content = readFileSync(path);
  content.fill(0xa5, from, from + bytes);
  writeFileSync(path, content);
}

describe('a damaged database', () => {
  it.each<[string, (path: string) => void]>([
    [
      'is garbage from the first byte',
      (path) => {
        writeFileSync(path, 'no database at all '.repeat(999));
      },
    ],
    [
      'has a page overwritten',
      (path) => {
        overwrite(path, 4096, 4096);
      },
    ],
    [
      'has its last pages overwritten',
      (path) => {
        overwrite(path, statSync(path).size - 8192, 8192);
      },
    ],
    [
      'is cut in half',
      (path) => {
        truncateSync(path, statSync(path).size / 2);
      },
    ],
    [
      'is empty',
      (path) => {
        truncateSync(path, 0);
      },
    ],
  ])('that %s is kept aside, and the last backup takes its place', (_how, damage) => {
    const home = backedUpHome();
    damage(home.path);
    const damaged = readFileSync(home.path);
    home.nowMs = T0 + 3_600_000;
    using opened = home.open();
    expect(words(opened.said())).toEqual(['one', 'two']);
    expect(opened.epoch).not.toBe('first');
    // Trust taken back since the backup must not return.
    expect(opened.db.prepare('SELECT * FROM folder_trust').all()).toEqual([]);
    expect(opened.db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(opened.note).toMatchObject({ source: 'backup', lostSinceMs: T0, told: false });
    const kept = opened.note?.keptAs[0] ?? '';
    expect(kept).toBe(`${home.path}.corrupt-2026-01-02T04-04-05-678Z`);
    expect(readFileSync(kept).equals(damaged)).toBe(true);
    opened.say('six');
    expect(words(opened.said())).toEqual(['one', 'two', 'six']);
  });

  it('says what was wrong, what took its place and where the damaged file is', () => {
    const home = backedUpHome();
    writeFileSync(home.path, 'no database at all '.repeat(999));
    using opened = home.open();
    const { note } = opened;
    expect(note === null ? '' : recoveryText(note)).toMatch(
      /damaged \(file is not a database\).*backup of 2026-01-02T03:04:05.678Z.*paused.*Kept aside: .*corrupt-/,
    );
  });

  it('without any backup gives way to a new store, and is kept all the same', () => {
    const home = backedUpHome();
    rmSync(home.backups, { recursive: true });
    writeFileSync(home.path, 'no database at all '.repeat(999));
    using opened = home.open();
    expect(opened.said()).toEqual([]);
    expect(opened.epoch).not.toBe('first');
    expect(opened.note).toMatchObject({ source: 'none', lostSinceMs: null });
    expect(opened.note === null ? '' : recoveryText(opened.note)).toContain('no backup to restore');
    expect(home.files().some((name) => name.startsWith('goald.db.corrupt-'))).toBe(true);
  });

  it('is restored from the newest backup that is whole; those that are not are named', () => {
    const home = makeHome();
    {
      using opened = home.open();
      opened.say('one');
      opened.backup();
      home.nowMs += 1000;
      opened.say('two');
      overwrite(opened.backup(), 4096, 4096);
    }
    writeFileSync(home.path, 'no database at all '.repeat(999));
    using restored = home.open();
    expect(restored.said()).toEqual(['one']);
    expect(restored.note).toMatchObject({ source: 'backup', lostSinceMs: T0 });
    expect(restored.note?.unusable).toHaveLength(1);
  });

  it('is not looked for in a store that is whole, nor in one that is new', () => {
    const home = backedUpHome();
    using opened = home.open();
    expect(opened.epoch).toBe('first');
    expect(opened.note).toBeNull();
    expect(words(opened.said())).toHaveLength(5);
  });

  it('that a running daemon met is found by the next start even where a quick look finds nothing', () => {
    const home = backedUpHome();
    {
      // An index without its entries: every page is well formed.
      using opened = home.open();
      opened.db.unsafeMode(true);
      opened.db.pragma('writable_schema = ON');
      opened.db.exec(
        "UPDATE sqlite_schema SET sql = replace(sql, '(thread_id, seq)', '(turn_id, seq)') WHERE name = 'goal_event_thread'; UPDATE goal_event SET turn_id = 'nobody'",
      );
    }
    {
      using overlooked = home.open();
      expect(overlooked.epoch).toBe('first');
    }
    writeFileSync(suspectFile(home.path), 'met by a test\n');
    using opened = home.open();
    expect(opened.note).toMatchObject({ source: 'backup' });
    expect(existsSync(suspectFile(home.path))).toBe(false);
  });

  it('that is only suspected and proves whole stays', () => {
    const home = backedUpHome();
    writeFileSync(suspectFile(home.path), 'met by a test\n');
    using opened = home.open();
    expect(opened.epoch).toBe('first');
    expect(existsSync(suspectFile(home.path))).toBe(false);
  });
});

describe('a lost write-ahead log', () => {
  /** What a daemon leaves that was killed after it said more than its last checkpoint holds. */
  function killedHome(): Home {
    const source = backedUpHome();
    const home = makeHome();
    using opened = source.open();
    opened.say('in the log only');
    for (const end of ['', '-wal']) copyFileSync(`${source.path}${end}`, `${home.path}${end}`);
    leaveBehind(home);
    return home;
  }

  it('is no damage while it is there', () => {
    const home = killedHome();
    using opened = home.open();
    expect(opened.note).toBeNull();
    expect(opened.said().at(-1)).toBe('in the log only');
  });

  it.each<[string, (log: string) => void]>([
    [
      'deleted',
      (log) => {
        rmSync(log);
      },
    ],
    [
      'overwritten',
      (log) => {
        writeFileSync(log, 'not a log '.repeat(999));
      },
    ],
  ])('%s means an older store: a new epoch, and the database goes on without it', (_how, lose) => {
    const home = killedHome();
    lose(`${home.path}-wal`);
    using opened = home.open();
    expect(opened.epoch).not.toBe('first');
    expect(opened.note).toMatchObject({ source: 'database' });
    expect(words(opened.said())).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  it('is made good by a backup that knows more than the database', () => {
    const home = killedHome();
    const other = makeHome();
    {
      using knows = other.open();
      for (const text of ['one', 'two', 'three', 'four', 'five', 'six']) knows.say(text);
      mkdirSync(home.backups);
      const backup = knows.backup();
      copyFileSync(backup, join(home.backups, basename(backup)));
    }
    rmSync(`${home.path}-wal`);
    using opened = home.open();
    expect(opened.note).toMatchObject({ source: 'backup' });
    expect(opened.said().at(-1)).toBe('six');
  });

  it('of a daemon that closed its store itself means nothing', () => {
    const home = backedUpHome();
    expect(existsSync(`${home.path}-wal`)).toBe(false);
    using opened = home.open();
    expect(opened.note).toBeNull();
  });

  it('is not made up by a start that failed before it was ready', () => {
    const home = killedHome();
    {
      // It opened the store, which folds the log into it, and closed it again, but never wrote its own service.json.
      using failed = home.open();
      expect(failed.note).toBeNull();
    }
    using opened = home.open();
    expect(opened.note).toBeNull();
  });
});

describe('a restore that is killed', () => {
  const STEPS: readonly (readonly [string, number])[] = [
    ['restore.before', 1],
    ['restore.prepared', 1],
    ['restore.aside', 1],
    ['restore.aside', 2],
    ['restore.aside', 3],
    ['restore.done', 1],
    ['restore.opened', 1],
  ];

  it.each(STEPS)('at %s, pass %i, is ended by the next start, and told once', (step, pass) => {
    const home = backedUpHome();
    leaveBehind(home);
    writeFileSync(home.path, 'no database at all '.repeat(999));
    writeFileSync(`${home.path}-wal`, 'nor its log');
    let passed = 0;
    const dying = (name: string): void => {
      if (name === step) passed += 1;
      if (name === step && passed === pass) throw new Error('killed');
    };
    expect(() => home.open(dying)).toThrow('killed');
    using opened = home.open();
    expect(words(opened.said())).toEqual(['one', 'two']);
    expect(opened.note).toMatchObject({ source: 'backup', lostSinceMs: T0, told: false });
    expect(home.files().filter((name) => name.includes('restoring'))).toEqual([]);
    const aside = home.files().filter((name) => name.includes('.corrupt-'));
    expect(
      aside.map((name) => readFileSync(`${home.folder}/${name}`, 'utf8').slice(0, 11)),
    ).toEqual(['no database', 'nor its log']);
  });
});
