import { newGoal } from '@goald/server/goals/goal-change.js';
import { createRepositories, type Repositories } from '@goald/server/store/repositories/index.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openStore, type OpenStore } from './support/open-store.js';
import { threadRow } from './support/thread-row.js';

const LIMITS = {
  tokenCeiling: 2_000_000,
  timeBudgetSeconds: 14_400,
  maxTurns: 200,
  verificationTimeoutSeconds: 600,
  maxVerificationTimeoutSeconds: 7200,
};
const THREADS = ['a', 'b', 'c'];
/** More than are kept, and more than one query gives before it gets code of its own. */
const MANY = 2600;

class Undone extends Error {}

/** Repositories, and beside them what is really stored. */
class Rows {
  readonly #opened: OpenStore = openStore();
  readonly #repositories: Repositories = createRepositories(this.#opened.store.sql);
  readonly #current = this.#opened.db.prepare(
    'SELECT * FROM goal WHERE thread_id = ? AND ended_at_ms IS NULL',
  );
  readonly #goal = this.#opened.db.prepare('SELECT * FROM goal WHERE goal_id = ?');
  readonly #thread = this.#opened.db.prepare('SELECT * FROM thread WHERE id = ?');
  readonly #goalIds = new Set<string>();

  thread(id: string): void {
    if (this.#thread.get(id) !== undefined) return;
    this.#repositories.threads.insert(threadRow(id));
  }

  rename(id: string, name: string): void {
    this.#repositories.threads.update(id, { name });
  }

  remove(id: string): void {
    this.end(id);
    this.#repositories.threads.delete(id);
  }

  /** Makes a goal, if the thread has none. */
  goal(threadId: string): void {
    if (this.#current.get(threadId) !== undefined) return;
    const goal = { objective: 'x', status: 'paused', nowMs: 1 } as const;
    const row = newGoal({ threadId }, goal, LIMITS);
    this.#repositories.goals.insert(row);
    this.#goalIds.add(row.goal_id);
  }

  edit(threadId: string, budget: number): void {
    const row = this.#repositories.goals.current(threadId);
    if (row === undefined) return;
    this.#repositories.goals.update(row.goal_id, {
      token_budget: budget,
      revision: row.revision + 1,
    });
  }

  end(threadId: string): void {
    const row = this.#repositories.goals.current(threadId);
    if (row !== undefined) this.#repositories.goals.update(row.goal_id, { ended_at_ms: 2 });
  }

  look(threadId: string): unknown {
    return this.#repositories.goals.glance(threadId);
  }

  /** Everything that can be asked for is what is stored. Twice: the first time may have put it into memory. */
  assertTrue(threadIds: readonly string[] = THREADS): void {
    const { goals, threads } = this.#repositories;
    for (const id of [...threadIds, ...threadIds]) {
      const current = this.#current.get(id);
      expect(goals.glance(id)).toEqual(current);
      expect(goals.current(id)).toEqual(current);
      expect(threads.find(id)).toEqual(this.#thread.get(id));
    }
    for (const id of this.#goalIds) expect(goals.find(id)).toEqual(this.#goal.get(id));
  }

  /** Runs each list in one transaction of a group; a list with `undone` is rolled back behind its last step. */
  run(parts: readonly Part[]): void {
    const works = parts.map(({ steps, undone }) => (): void => {
      this.#opened.store.write(() => {
        for (const step of steps) step(this);
        if (undone) throw new Undone();
      });
    });
    for (const outcome of this.#opened.store.group(works)) {
      if (!outcome.ok && !(outcome.error instanceof Undone)) throw outcome.error;
    }
  }
}

type Step = (rows: Rows) => void;

interface Part {
  readonly steps: readonly Step[];
  readonly undone: boolean;
}

const stepArbitrary = fc
  .record({
    act: fc.constantFrom('thread', 'rename', 'remove', 'goal', 'edit', 'end', 'look'),
    id: fc.constantFrom(...THREADS),
    number: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ act, id, number }): Step => {
    switch (act) {
      case 'rename':
        return (rows) => {
          rows.rename(id, `name ${String(number)}`);
        };
      case 'edit':
        return (rows) => {
          rows.edit(id, number);
        };
      default:
        return (rows) => {
          rows[act](id);
        };
    }
  });

const partArbitrary = fc.record({
  steps: fc.array(stepArbitrary, { minLength: 1, maxLength: 5 }),
  undone: fc.boolean(),
});

describe('rows in memory', () => {
  it('are what is stored, whatever was written, undone, ended and removed', () => {
    fc.assert(
      fc.property(fc.array(fc.array(partArbitrary, { minLength: 1, maxLength: 3 })), (groups) => {
        const rows = new Rows();
        for (const parts of groups) {
          rows.run(parts);
          rows.assertTrue();
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are what is stored when more goals are looked at and changed than are kept', () => {
    const rows = new Rows();
    const ids = Array.from({ length: MANY }, (_, number) => `thread ${String(number)}`);
    const all = (order: readonly string[], ...acts: readonly ((id: string) => void)[]): void => {
      const steps = order.flatMap((id) => acts.map((act) => () => act(id)));
      rows.run([{ steps, undone: false }]);
    };
    all(
      ids,
      (id) => rows.thread(id),
      (id) => rows.goal(id),
    );
    all(ids, (id) => rows.look(id));
    all(ids, (id) => rows.edit(id, 3));
    // A few of all ages: what more would drive out nobody could find wrong.
    all(
      ids.filter((_, at) => at % 50 === 0),
      (id) => rows.end(id),
    );
    all(
      ids.filter((_, at) => at % 50 === 1),
      (id) => rows.remove(id),
    );
    rows.assertTrue(ids.toReversed());
  });

  it('have the same columns, however many a query has given before', () => {
    const rows = new Rows();
    const one: Part = {
      steps: [(here) => here.thread('a'), (here) => here.goal('a')],
      undone: false,
    };
    rows.run([one]);
    const first = rows.look('a');
    // An undone write empties the memory: each look asks the store again.
    const undone: Part = { steps: [(here) => here.edit('a', 7)], undone: true };
    for (let look = 0; look < 200; look += 1) {
      rows.run([undone]);
      expect(rows.look('a')).toEqual(first);
    }
  });
});
