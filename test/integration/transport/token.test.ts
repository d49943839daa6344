import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAuthorized, loadOrCreateToken, TokenFileError } from '@goald/server/transport/auth.js';
import { describe, expect, it } from 'vitest';
import { tempFolder } from './support/temp-folder.js';

describe('the token file', () => {
  it('is made 0600 on first use, in a folder made 0700, and kept', async () => {
    const folder = join(await tempFolder(), 'state');
    const path = join(folder, 'token');
    const token = await loadOrCreateToken(path);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await loadOrCreateToken(path)).toBe(token);
    expect(await readdir(folder)).toEqual(['token']);
  });

  it('is the same for all that come at once', async () => {
    const path = join(await tempFolder(), 'token');
    const tokens = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateToken(path)));
    expect(new Set(tokens).size).toBe(1);
    expect((await readFile(path, 'utf8')).trim()).toBe(tokens[0]);
  });

  it('two homes have two tokens', async () => {
    const folder = await tempFolder();
    expect(await loadOrCreateToken(join(folder, 'a'))).not.toBe(
      await loadOrCreateToken(join(folder, 'b')),
    );
  });

  it('that others could read is closed to them', async () => {
    const path = join(await tempFolder(), 'token');
    await loadOrCreateToken(path);
    await chmod(path, 0o644);
    await loadOrCreateToken(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'short', 'two words of some length'])('holding %j is refused', async (text) => {
    const path = join(await tempFolder(), 'token');
    await writeFile(path, text, { mode: 0o600 });
    await expect(loadOrCreateToken(path)).rejects.toThrow(TokenFileError);
  });
});

describe('the Authorization header', () => {
  it.each([
    ['Bearer abc', true],
    ['bearer  abc', true],
    ['Bearer abcd', false],
    ['Bearer ab', false],
    ['Bearer', false],
    ['abc', false],
    ['Basic abc', false],
    ['Bearer abc abc', false],
    [undefined, false],
  ])('%j: %j', (header, expected) => {
    expect(isAuthorized(header, 'abc')).toBe(expected);
  });
});
