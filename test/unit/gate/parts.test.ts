import { FolderLocks } from '@goald/server/engine/gate/folder-locks.js';
import { linesPercent } from '@goald/server/workspace/coverage-files.js';
import { describe, expect, it } from 'vitest';

describe('the lock of a folder', () => {
  const { signal } = new AbortController();

  it('is had by one at a time, others wait or go without', async () => {
    const locks = new FolderLocks();
    const first = await locks.take('/a', signal);
    expect(locks.tryTake('/a')).toBeNull();
    locks.tryTake('/b')?.[Symbol.dispose]();
    const order: string[] = [];
    const second = locks.take('/a', signal).then((lease) => {
      order.push('second');
      lease[Symbol.dispose]();
    });
    order.push('first');
    first[Symbol.dispose]();
    await second;
    expect(order).toEqual(['first', 'second']);
    expect(locks.tryTake('/a')).not.toBeNull();
  });

  it('is not waited for any longer once the signal aborts', async () => {
    const locks = new FolderLocks();
    using _first = await locks.take('/a', signal);
    const abort = new AbortController();
    const waiting = locks.take('/a', abort.signal);
    abort.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});

it.each([
  ['summary', '{"total":{"lines":{"pct":81.25}}}', 81.25],
  ['summary', '{"total":{"lines":{"pct":"Unknown"}}}', null],
  ['summary', 'not json', null],
  ['lcov', 'SF:a\nLF:3\nLH:1\nend_of_record\nSF:b\nLF:1\nLH:1\nend_of_record\n', 50],
  ['lcov', '', null],
  ['xml', '<?xml version="1.0"?>\n<coverage branch-rate="0" line-rate="0.8333">', 83.33],
  ['xml', '<report/>', null],
  ['data', 'SQLite format 3', null],
] as const)('a coverage file of kind %s: %j has %s %% of lines', (kind, text, percent) => {
  expect(linesPercent(kind, text)).toBe(percent);
});
