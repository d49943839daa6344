import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openLog } from '@goald/server/host/log.js';
import { RotatingFile } from '@goald/server/host/rotating-file.js';
import { expect, it } from 'vitest';
import { tempFolder } from '../../helpers/temp-folder.js';

it('a full log moves on, and the oldest of the kept files is dropped', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'logs', 'goald.log');
  const file = new RotatingFile(path, { maxBytes: 20, maxFiles: 3 });
  for (let n = 1; n <= 9; n += 1) file.write(`line ${n} of nine\n`);
  expect(readdirSync(join(folder.path, 'logs')).sort()).toEqual([
    'goald.1.log',
    'goald.2.log',
    'goald.log',
  ]);
  expect(readFileSync(path, 'utf8')).toBe('line 9 of nine\n');
  expect(readFileSync(join(folder.path, 'logs', 'goald.1.log'), 'utf8')).toBe(
    'line 7 of nine\nline 8 of nine\n',
  );
});

it('a log is appended to, also when it was full already', async () => {
  await using folder = await tempFolder();
  const path = join(folder.path, 'goald.log');
  for (const line of ['one\n', 'two\n', 'three\n']) {
    new RotatingFile(path, { maxBytes: 8, maxFiles: 2 }).write(line);
  }
  expect(readFileSync(join(folder.path, 'goald.1.log'), 'utf8')).toBe('one\ntwo\n');
  expect(readFileSync(path, 'utf8')).toBe('three\n');
});

it('secrets do not get into the log, wherever they stand, and nobody else may read it', async () => {
  await using folder = await tempFolder();
  const secrets = new Set(['sk-"quoted"-secret']);
  const log = openLog({ folder: folder.path, level: 'info', secrets });
  secrets.add('token-made-later');
  log.info({ headers: { deep: ['Bearer token-made-later'] }, apiKey: 'abc' }, 'in a field');
  log.error({ err: new Error('refused: sk-"quoted"-secret') }, 'with sk-"quoted"-secret in it');
  const text = readFileSync(join(folder.path, 'goald.log'), 'utf8');
  expect(text.trim().split('\n')).toHaveLength(2);
  expect(text).not.toMatch(/quoted|token-made-later|abc/);
  expect(text).toContain('[secret]');
  expect(statSync(join(folder.path, 'goald.log')).mode & 0o777).toBe(0o600);
});
