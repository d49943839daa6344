import { v7 as uuid } from 'uuid';
import { Outbox } from '../events/outbox.js';
import type { AsyncStack } from '../host/async-stack.js';
import { Mutations } from '../store/mutation.js';
import { openDatabase } from '../store/open-database.js';
import { createRepositories, type Repositories } from '../store/repositories/index.js';
import { Sql } from '../store/sql.js';
import { Store } from '../store/store.js';

export interface StoreOptions {
  readonly path: string;
  readonly synchronous: 'NORMAL' | 'FULL';
  /** Age at which events are dropped, in milliseconds. */
  readonly eventRetentionMs: number;
  readonly now: () => number;
  readonly onIncident: (error: unknown, where: string) => void;
}

export interface OpenStore {
  readonly store: Store;
  readonly repositories: Repositories;
  readonly mutations: Mutations;
  readonly outbox: Outbox;
  readonly storeEpoch: string;
}

/** Opens the database, or throws NewerDatabaseError; disposing the stack closes it. */
export function openStore(stack: AsyncStack, options: StoreOptions): OpenStore {
  const db = openDatabase({ path: options.path, synchronous: options.synchronous });
  stack.defer(() => {
    db.close();
  });
  const sql = new Sql(db);
  const repositories = createRepositories(sql);
  const onProblem = (error: unknown): void => {
    options.onIncident(error, 'after a commit');
  };
  const outbox = new Outbox(onProblem);
  const store = new Store(db, sql, {
    now: options.now,
    onCommitted: (committed) => {
      outbox.publish(committed);
    },
    onProblem,
  });
  const storeEpoch = repositories.meta.get('storeEpoch') ?? uuid();
  store.write((tx) => {
    repositories.meta.set('storeEpoch', storeEpoch);
    repositories.idempotency.prune(tx.nowMs);
    store.events.prune(tx.nowMs - options.eventRetentionMs);
  });
  const mutations = new Mutations(store, repositories.idempotency);
  return { store, repositories, mutations, outbox, storeEpoch };
}
