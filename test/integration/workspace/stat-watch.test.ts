import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { StatWatch } from '@goald/server/workspace/stat-watch.js';
import { eventually } from '../../helpers/eventually.js';
import { tempFolder } from '../../helpers/temp-folder.js';

/** Watches a path as it is now; `changes` counts what was told. */
function watched(path: string): Disposable & { changes: number } {
  const files = new StatWatch({ lookAgainMs: 50 });
  const state = { changes: 0 };
  const watch = files.watch(path, files.look(path).stamp, () => {
    state.changes += 1;
  });
  return Object.assign(state, {
    [Symbol.dispose]: () => {
      watch[Symbol.dispose]();
    },
  });
}

describe('a watched path', () => {
  it.each([
    ['is written', (path: string) => writeFile(path, 'other')],
    [
      'is replaced',
      async (path: string) => {
        await writeFile(`${path}.new`, 'same');
        await rename(`${path}.new`, path);
      },
    ],
    ['is touched', (path: string) => utimes(path, 1, 1)],
    ['is removed', (path: string) => rm(path)],
  ])('is told once when it %s', async (_how, change) => {
    await using folder = await tempFolder();
    const path = join(folder.path, 'file');
    await writeFile(path, 'same');
    using watch = watched(path);
    await change(path);
    await eventually('the change', () => watch.changes > 0);
    await writeFile(path, 'once more');
    await delay(150);
    expect(watch.changes).toBe(1);
  });

  it('is told when it appears, with the folder it lies in', async () => {
    await using folder = await tempFolder();
    using watch = watched(join(folder.path, 'a', 'b', 'file'));
    await mkdir(join(folder.path, 'a', 'b'), { recursive: true });
    await delay(120);
    expect(watch.changes).toBe(0);
    await writeFile(join(folder.path, 'a', 'b', 'file'), '');
    await eventually('the change', () => watch.changes === 1);
  });

  it('is told for a folder when an entry comes', async () => {
    await using folder = await tempFolder();
    using watch = watched(folder.path);
    await writeFile(join(folder.path, 'new'), '');
    await eventually('the change', () => watch.changes === 1);
  });

  it('is told later when it had changed before anyone watched, and never after the end', async () => {
    await using folder = await tempFolder();
    const path = join(folder.path, 'file');
    const files = new StatWatch({ lookAgainMs: 50 });
    const { stamp } = files.look(path);
    await writeFile(path, '');
    let told = 0;
    using _ = files.watch(path, stamp, () => {
      told += 1;
    });
    const ended = files.watch(path, stamp, () => {
      told += 10;
    });
    ended[Symbol.dispose]();
    expect(told).toBe(0);
    await eventually('the change', () => told === 1);
    await delay(120);
    expect(told).toBe(1);
  });
});
