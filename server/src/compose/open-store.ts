import type { Database as Connection } from 'better-sqlite3';
import { v7 as uuid } from 'uuid';
import { Outbox } from '../events/outbox.js';
import type { AsyncStack } from '../host/async-stack.js';
import { Mutations } from '../store/mutation.js';
import { openOrRestore, type OpenOrRestoreOptions } from '../store/open-or-restore.js';
import { createRepositories, type Repositories } from '../store/repositories/index.js';
import { Sql } from '../store/sql.js';
import { Store } from '../store/store.js';
import { StoreHealth, type HealthListener } from '../store/store-health.js';
import { WriteGroup } from '../store/write-group.js';

export interface StoreOptions extends OpenOrRestoreOptions {
  readonly health: HealthListener;
  readonly onIncident: (error: unknown, where: string) => void;
  /** Sees the connection before anyone uses it. */
  readonly onOpened: (db: Connection) => void;
}

export interface OpenStore {
  readonly db: Connection;
  readonly store: Store;
  readonly repositories: Repositories;
  readonly mutations: Mutations;
  readonly group: WriteGroup;
  readonly outbox: Outbox;
  readonly storeEpoch: string;
}

/** Opens the database, restoring it if it is damaged; disposing the stack closes it. Throws what `openOrRestore` throws. */
export function openStore(stack: AsyncStack, options: StoreOptions): OpenStore {
  const db = openOrRestore(options);
  stack.defer(() => {
    db.close();
  });
  options.onOpened(db);
  const sql = new Sql(db, new StoreHealth(options.health));
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
  store.write(() => {
    repositories.meta.set('storeEpoch', storeEpoch);
  });
  const mutations = new Mutations(store, repositories.idempotency);
  const group = new WriteGroup(store);
  stack.defer(() => {
    group.flush();
  });
  return { db, store, repositories, mutations, group, outbox, storeEpoch };
}
