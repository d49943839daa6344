import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertUsableHome, HomeUnusableError } from '@goald/server/host/usable-home.js';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../helpers/daemon/daemon-process.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { GOAL, GOALD, runNode } from '../../integration/startup/support.js';

describe('a home that cannot be used', () => {
  it.each<[string, (folder: string) => string, RegExp]>([
    ['lies below a file', (folder) => join(folder, 'file', 'h'), /a part of its path is a file/],
    ['is a file', (folder) => join(folder, 'file'), /a file stands in its place|is a file/],
    ['has too long a path', (folder) => join(folder, 'x'.repeat(300)), /path is too long/],
  ])(
    'because it %s ends the start with one clear line and exit code 4',
    async (_why, home, says) => {
      await using folder = await tempFolder();
      writeFileSync(join(folder.path, 'file'), 'in the way');
      const path = home(folder.path);
      const { code, err } = runNode([GOALD, '--home', path]);
      expect(code).toBe(4);
      expect(err.trimEnd().split('\n')).toHaveLength(1);
      expect(err).toContain(`goald cannot use its folder ${path}: `);
      expect(err).toMatch(says);
      expect(err).toMatch(/--home DIR or GOALD_HOME/);
      expect(readFileSync(join(folder.path, 'file'), 'utf8')).toBe('in the way');
    },
  );

  it('is told by goal as well, without a stack trace', async () => {
    await using folder = await tempFolder();
    writeFileSync(join(folder.path, 'file'), 'in the way');
    const home = join(folder.path, 'file', 'h');
    const { code, err } = runNode([GOAL, '--home', home, 'daemon', 'start']);
    expect(code).toBe(5);
    expect(err).toMatch(/cannot keep its things in .*--home DIR/);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('because files there cannot be written says so: here by a limit of the system on their size', async () => {
    await using folder = await tempFolder();
    await expect(startDaemon({ home: join(folder.path, 'h'), fileLimitBytes: 0 })).rejects.toThrow(
      /goald ended before it was ready \(4\):\n.*files there may not grow/,
    );
  });

  it.each([
    ['EACCES', /may not write/],
    ['EROFS', /read-only file system/],
    ['ENOSPC', /disk is full/],
    ['ENOENT', /disk .* not there/],
  ])('is told by its cause: %s', (code, says) => {
    const error = new HomeUnusableError('/h', Object.assign(new Error('no'), { code }));
    expect(error.message).toMatch(says);
  });

  it('is not one that is only missing: it is made, for its user alone', async () => {
    await using folder = await tempFolder();
    const home = join(folder.path, 'a', 'b');
    assertUsableHome([home]);
    mkdirSync(join(home, 'c'));
  });
});

it('a database of a newer goald ends the start with exit code 1 and is left as it was', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'goald.db');
  const db = new Database(path);
  db.pragma('user_version = 9999');
  db.close();
  const before = readFileSync(path);
  const { code, err } = runNode([GOALD, '--home', folder.path]);
  expect(code).toBe(1);
  expect(err).toMatch(/newer goald \(schema 9999.*Nothing was changed/);
  expect(err.trimEnd().split('\n')).toHaveLength(1);
  expect(readFileSync(path).equals(before)).toBe(true);
});
