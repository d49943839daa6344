import type { Tx } from '@goald/server/store/store.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openStore, type OpenStore } from './support/open-store.js';

const NOTIFICATION = { method: 'm', params: {}, audience: { to: 'all' } } as const;

class Failed extends Error {}

function emit(tx: Tx, count: number): void {
  for (let index = 0; index < count; index += 1) {
    tx.emit({ type: 'goal.progress', goalId: 'g', data: { index } });
  }
}

function failAfter({ store }: OpenStore, count: number): void {
  const write = (): unknown =>
    store.write((tx) => {
      emit(tx, count);
      throw new Failed();
    });
  expect(write).toThrow(Failed);
}

const seqs = ({ store }: OpenStore): number[] =>
  store.events.list(0, 1_000_000).map(({ seq }) => seq);

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

describe('seq', () => {
  it('has no gap and no repeat, however commits and rollbacks follow each other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ count: fc.nat({ max: 4 }), fails: fc.boolean() }), { maxLength: 30 }),
        (writes) => {
          const opened = openStore();
          let committed = 0;
          for (const { count, fails } of writes) {
            if (fails) {
              failAfter(opened, count);
            } else {
              opened.store.write((tx) => {
                emit(tx, count);
              });
              committed += count;
            }
            expect(opened.store.headSeq).toBe(committed);
          }
          expect(seqs(opened)).toEqual(upTo(committed));
          expect(opened.told.flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual(
            upTo(committed),
          );
          opened.db.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('goes on where it was when the file is opened again', () => {
    const first = openStore();
    first.store.write((tx) => {
      emit(tx, 3);
    });
    failAfter(first, 2);
    first.db.close();
    const second = openStore(first.path);
    expect(second.store.headSeq).toBe(3);
    second.store.write((tx) => {
      emit(tx, 1);
    });
    expect(seqs(second)).toEqual([1, 2, 3, 4]);
  });

  it('of an event is known to the transaction that writes it', () => {
    const opened = openStore();
    const given = opened.store.write((tx) => [
      tx.emit({ type: 'goal.progress' }).seq,
      tx.emit({ type: 'goal.progress' }).seq,
    ]);
    expect(given).toEqual([1, 2]);
  });
});

describe('a transaction', () => {
  it('tells events and notifications after the commit, in order, once', () => {
    const opened = openStore();
    opened.store.write((tx) => {
      tx.tell({ ...NOTIFICATION, method: 'first' });
      emit(tx, 1);
      tx.tell({ ...NOTIFICATION, method: 'second' });
      expect(opened.told).toEqual([]);
    });
    expect(opened.told).toHaveLength(1);
    expect(opened.told[0]?.outgoing.map(({ method }) => method)).toEqual(['first', 'second']);
    expect(opened.told[0]?.events).toMatchObject([{ seq: 1, atMs: 1_000 }]);
  });

  it('that throws leaves no trace: nothing is stored, told or called back', () => {
    const opened = openStore();
    let called = 0;
    const write = (): unknown =>
      opened.store.write((tx) => {
        emit(tx, 2);
        tx.tell(NOTIFICATION);
        tx.onCommit(() => {
          called += 1;
        });
        throw new Failed();
      });
    expect(write).toThrow(Failed);
    expect(seqs(opened)).toEqual([]);
    expect(opened.told).toEqual([]);
    expect(called).toBe(0);
    expect(opened.db.inTransaction).toBe(false);
  });

  it('that says nothing tells nothing', () => {
    const opened = openStore();
    expect(opened.store.write(() => 'answer')).toBe('answer');
    expect(opened.told).toEqual([]);
  });

  it('calls back after the commit and before anything is told', () => {
    const opened = openStore();
    const order: string[] = [];
    opened.store.write((tx) => {
      emit(tx, 1);
      tx.onCommit(() => {
        order.push(
          `${opened.told.length} told, in transaction: ${String(opened.db.inTransaction)}`,
        );
      });
      order.push('work');
    });
    expect(order).toEqual(['work', '0 told, in transaction: false']);
    expect(opened.told).toHaveLength(1);
  });

  it('inside another is refused, and the outer one is rolled back', () => {
    const opened = openStore();
    const nested = (): unknown =>
      opened.store.write((tx) => {
        emit(tx, 1);
        opened.store.write((inner) => {
          emit(inner, 1);
        });
      });
    expect(nested).toThrow('already running');
    expect(seqs(opened)).toEqual([]);
    opened.store.write((tx) => {
      emit(tx, 1);
    });
    expect(seqs(opened)).toEqual([1]);
  });

  it('may start another one from a callback, once it is over', () => {
    const opened = openStore();
    opened.store.write((tx) => {
      emit(tx, 1);
      tx.onCommit(() => {
        opened.store.write((later) => {
          emit(later, 1);
        });
      });
    });
    expect(seqs(opened)).toEqual([1, 2]);
  });

  it('that awaits is refused and rolled back', () => {
    const opened = openStore();
    const awaiting = (): unknown =>
      opened.store.write((tx) => {
        emit(tx, 1);
        return Promise.resolve();
      });
    expect(awaiting).toThrow('promise');
    expect(seqs(opened)).toEqual([]);
    expect(opened.told).toEqual([]);
  });

  it('cannot be used when it is over', () => {
    const { store } = openStore();
    const kept: Tx[] = [];
    store.write((tx) => {
      kept.push(tx);
    });
    const [tx] = kept;
    if (tx === undefined) throw new Error('No transaction was given.');
    expect(() => tx.emit({ type: 'goal.progress' })).toThrow('over');
    expect(() => {
      tx.tell(NOTIFICATION);
    }).toThrow('over');
    expect(() => {
      tx.onCommit(() => undefined);
    }).toThrow('over');
  });
});

describe('pruning events', () => {
  function at(opened: OpenStore, times: readonly number[]): void {
    for (const nowMs of times) {
      opened.nowMs = nowMs;
      opened.store.write((tx) => {
        emit(tx, 1);
      });
    }
  }

  it('removes what is older and leaves the rest', () => {
    const opened = openStore();
    at(opened, [100, 200, 300, 400]);
    expect(opened.store.events.prune(300)).toBe(2);
    expect(seqs(opened)).toEqual([3, 4]);
    expect(opened.store.events.firstSeq()).toBe(3);
  });

  it('keeps the newest however old it is, so that seq goes on after a restart', () => {
    const opened = openStore();
    at(opened, [100, 200, 300]);
    expect(opened.store.events.prune(1_000_000)).toBe(2);
    expect(seqs(opened)).toEqual([3]);
    opened.db.close();
    const again = openStore(opened.path);
    expect(again.store.headSeq).toBe(3);
    at(again, [1_000_001]);
    expect(seqs(again)).toEqual([3, 4]);
  });

  it('of an empty log does nothing', () => {
    const { store } = openStore();
    expect(store.events.prune(1_000)).toBe(0);
    expect(store.events.firstSeq()).toBe(0);
  });

  it('leaves no gap when the clock was set back in between', () => {
    const opened = openStore();
    at(opened, [100, 900, 200, 950]);
    opened.store.events.prune(500);
    const left = seqs(opened);
    const [first] = left;
    expect(left).toEqual(left.map((_, index) => (first ?? 0) + index));
    expect(left).toContain(2);
  });
});
