import { ProtocolError } from '@goald/protocol';
import { Mutations, RUNTIME_ACTOR, type MutationContext } from '@goald/server/store/mutation.js';
import { createRepositories } from '@goald/server/store/repositories/index.js';
import type { Outcome, Tx } from '@goald/server/store/store.js';
import { WriteGroup } from '@goald/server/store/write-group.js';
import { describe, expect, it } from 'vitest';
import { openStore, type OpenStore } from './support/open-store.js';
import { insertOrphanTurn } from './support/orphan-turn.js';
import { threadRow } from './support/thread-row.js';

class Failed extends Error {}

const emit = (tx: Tx, name: string): void => {
  tx.emit({ type: 'goal.progress', goalId: name });
};

const emitting =
  (opened: OpenStore, name: string): (() => string) =>
  () =>
    opened.store.write((tx) => {
      emit(tx, name);
      tx.tell({ method: name, params: {}, audience: { to: 'all' } });
      return name;
    });

const failing = (opened: OpenStore) => (): string =>
  opened.store.write((tx) => {
    emit(tx, 'failed');
    throw new Failed();
  });

const spoilingTheCommit = (opened: OpenStore) => (): string =>
  opened.store.write((tx) => {
    insertOrphanTurn(tx, opened.db);
    return 'spoiled';
  });

const stored = ({ store }: OpenStore): [number, string | null][] =>
  store.events.list(0, 100).map(({ seq, goalId }) => [seq, goalId]);

const errors = (outcomes: readonly Outcome<unknown>[]): unknown[] =>
  outcomes.map((outcome) => (outcome.ok ? null : outcome.error));

describe('a group of writes', () => {
  it('is told as one commit, in order, with the answers of each', () => {
    const opened = openStore();
    const outcomes = opened.store.group(['a', 'b', 'c'].map((name) => emitting(opened, name)));
    expect(outcomes).toEqual(['a', 'b', 'c'].map((result) => ({ ok: true, result })));
    expect(opened.told).toHaveLength(1);
    expect(opened.told[0]?.events.map(({ seq, goalId }) => [seq, goalId])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(opened.told[0]?.outgoing.map(({ method }) => method)).toEqual(['a', 'b', 'c']);
    expect(opened.store.headSeq).toBe(3);
  });

  it('tells and calls back nothing before the commit they share', () => {
    const opened = openStore();
    const seen: string[] = [];
    const work = (name: string) => (): void => {
      opened.store.write((tx) => {
        emit(tx, name);
        tx.onCommit(() => {
          seen.push(`${name} told ${opened.told.length}, open ${String(opened.db.inTransaction)}`);
        });
      });
      seen.push(`${name} ran, told ${opened.told.length}`);
    };
    opened.store.group([work('a'), work('b')]);
    expect(seen).toEqual([
      'a ran, told 0',
      'b ran, told 0',
      'a told 0, open false',
      'b told 0, open false',
    ]);
    expect(opened.told).toHaveLength(1);
  });

  it('with one that fails keeps the others, and seq has no gap', () => {
    const opened = openStore();
    const outcomes = opened.store.group([
      emitting(opened, 'a'),
      failing(opened),
      emitting(opened, 'b'),
    ]);
    expect(errors(outcomes)).toEqual([null, expect.any(Failed), null]);
    expect(stored(opened)).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    expect(opened.told.flatMap(({ outgoing }) => outgoing.map(({ method }) => method))).toEqual([
      'a',
      'b',
    ]);
    emitting(opened, 'c')();
    expect(stored(opened).at(-1)).toEqual([3, 'c']);
  });

  it('whose commit fails has failed as a whole, and the store goes on', () => {
    const opened = openStore();
    const refused = (): never => {
      throw new Failed();
    };
    const outcomes = opened.store.group<unknown>([
      emitting(opened, 'a'),
      refused,
      spoilingTheCommit(opened),
    ]);
    const [first] = errors(outcomes);
    expect(first).toMatchObject({ code: 'SQLITE_CONSTRAINT_FOREIGNKEY' });
    // Also the one that was refused: by what it saw of the others, which is not so.
    expect(errors(outcomes)).toEqual([first, first, first]);
    expect(opened.told).toEqual([]);
    expect(opened.db.inTransaction).toBe(false);
    emitting(opened, 'b')();
    expect(stored(opened)).toEqual([[1, 'b']]);
  });

  it('that SQLite itself rolls back has failed as a whole', () => {
    const opened = openStore();
    const outcomes = opened.store.group<unknown>([
      emitting(opened, 'a'),
      () =>
        opened.store.write(() => {
          opened.db.exec('ROLLBACK');
          throw new Failed();
        }),
      emitting(opened, 'b'),
    ]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([false, false, false]);
    expect(stored(opened)).toEqual([]);
    expect(opened.told).toEqual([]);
  });

  it('inside another, or inside a write, is refused', () => {
    const opened = openStore();
    const inner = (): unknown => opened.store.group([emitting(opened, 'x'), emitting(opened, 'y')]);
    expect(errors(opened.store.group([inner, emitting(opened, 'a')]))).toEqual([
      expect.objectContaining({ message: 'A transaction is already running.' }),
      null,
    ]);
    expect(() => opened.store.write(inner)).toThrow('already running');
    expect(stored(opened)).toEqual([[1, 'a']]);
  });
});

describe('rows in memory', () => {
  it('are what the database says after a part of a group failed, and after its commit failed', () => {
    const opened = openStore();
    const { threads } = createRepositories(opened.store.sql);
    const name = (to: string, then: () => void = () => undefined) =>
      opened.store.write(() => {
        threads.update('t', { name: to });
        expect(threads.find('t')?.name).toBe(to);
        then();
      });
    opened.store.write(() => {
      threads.insert(threadRow('t'));
    });
    const fail = (): never => {
      throw new Failed();
    };
    opened.store.group([
      () => {
        name('kept');
      },
      () => {
        name('undone', fail);
      },
      () => {
        expect(threads.find('t')?.name).toBe('kept');
      },
    ]);
    expect(threads.find('t')?.name).toBe('kept');
    opened.store.group<unknown>([
      () => {
        name('never committed');
      },
      spoilingTheCommit(opened),
    ]);
    expect(threads.find('t')?.name).toBe('kept');
  });
});

describe('what is asked for in one turn of the event loop', () => {
  it('shares one commit, and nobody has an answer before it', async () => {
    const opened = openStore();
    const group = new WriteGroup(opened.store);
    const answered: string[] = [];
    const all = ['a', 'b', 'c'].map((name) =>
      group.run(emitting(opened, name)).then((answer) => {
        answered.push(`${answer} after ${opened.told.length} commit`);
      }),
    );
    await Promise.resolve();
    expect(answered).toEqual([]);
    expect(opened.told).toEqual([]);
    await Promise.all(all);
    expect(answered).toEqual(['a', 'b', 'c'].map((name) => `${name} after 1 commit`));
  });

  it('is done at once for who must see it done', async () => {
    const opened = openStore();
    const group = new WriteGroup(opened.store);
    const waiting = Promise.all([
      group.run(emitting(opened, 'a')),
      group.run(emitting(opened, 'b')),
    ]);
    group.flush();
    expect(stored(opened)).toHaveLength(2);
    expect(await waiting).toEqual(['a', 'b']);
    expect(opened.told).toHaveLength(1);
  });

  it('waits for no one: a write of the engine in between is a commit of its own, and what waits sees it', async () => {
    const opened = openStore();
    const group = new WriteGroup(opened.store);
    const head = (): number => opened.store.headSeq;
    const waiting = Promise.all([group.run(head), group.run(emitting(opened, 'a'))]);
    expect(emitting(opened, 'engine')()).toBe('engine');
    expect(opened.told).toHaveLength(1);
    expect(await waiting).toEqual([1, 'a']);
    expect(stored(opened)).toEqual([
      [1, 'engine'],
      [2, 'a'],
    ]);
  });

  it('rejects only what failed', async () => {
    const opened = openStore();
    const group = new WriteGroup(opened.store);
    const settled = await Promise.allSettled([
      group.run(emitting(opened, 'a')),
      group.run(failing(opened)),
      group.run(emitting(opened, 'b')),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('goes on when there is more of it than one commit takes', async () => {
    const opened = openStore();
    const group = new WriteGroup(opened.store);
    const names = Array.from({ length: 300 }, (_, index) => `n${index}`);
    expect(await Promise.all(names.map((name) => group.run(emitting(opened, name))))).toEqual(
      names,
    );
    expect(opened.told.length).toBeLessThan(10);
    expect(opened.store.headSeq).toBe(300);
  });
});

describe('an idempotency key in a group', () => {
  function keyed(opened: OpenStore): (key: string, work: (tx: Tx) => unknown) => () => unknown {
    const mutations = new Mutations(opened.store, createRepositories(opened.store.sql).idempotency);
    return (key, work) => {
      const context: MutationContext = { actor: RUNTIME_ACTOR, method: 'm', idempotencyKey: key };
      return () => mutations.run(context, work);
    };
  }

  it('used twice in it runs its work once', () => {
    const opened = openStore();
    const run = keyed(opened);
    let count = 0;
    const work = (tx: Tx): unknown => {
      emit(tx, 'a');
      count += 1;
      return { count };
    };
    const outcomes = opened.store.group([run('k', work), run('k', work)]);
    expect(outcomes).toEqual(Array(2).fill({ ok: true, result: { count: 1 } }));
    expect(stored(opened)).toEqual([[1, 'a']]);
  });

  it('is free again when its work failed, or the commit did', () => {
    const opened = openStore();
    const run = keyed(opened);
    const refuse = (): never => {
      throw new ProtocolError('revision_conflict', 'no');
    };
    const work = (tx: Tx): string => {
      emit(tx, 'a');
      return 'done';
    };
    opened.store.group<unknown>([run('failed', refuse), emitting(opened, 'other')]);
    opened.store.group<unknown>([run('lost', work), spoilingTheCommit(opened)]);
    expect(opened.store.group([run('failed', work), run('lost', work)])).toEqual(
      Array(2).fill({ ok: true, result: 'done' }),
    );
    expect(stored(opened)).toEqual([
      [1, 'other'],
      [2, 'a'],
      [3, 'a'],
    ]);
  });
});
