import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requests, type GoalEvent } from '@goald/protocol';
import { LedgerWriter } from '@goald/server/engine/ledger-writer.js';
import { GoalQueries } from '@goald/server/goals/goal-queries.js';
import { GoalService } from '@goald/server/goals/goal-service.js';
import { GoalWriter } from '@goald/server/goals/goal-writer.js';
import type { Limits } from '@goald/server/goals/policy.js';
import { Mutations, type MutationContext } from '@goald/server/store/mutation.js';
import type { Committed } from '@goald/server/store/outgoing.js';
import { createRepositories, type Repositories } from '@goald/server/store/repositories/index.js';
import { Sql } from '@goald/server/store/sql.js';
import { Store } from '@goald/server/store/store.js';
import type { Database } from 'better-sqlite3';
import { confinementsOver } from '../../../helpers/confinement.js';
import { openPlain } from '../../../helpers/open-plain.js';

const EVERY_EVENT = 1_000_000;
const START_MS = 1_700_000_000_000;

/** Goals over a real database file in a folder of their own, with a clock that only the test moves. */
export interface World extends Disposable {
  readonly databasePath: string;
  readonly db: Database;
  readonly repositories: Repositories;
  readonly store: Store;
  readonly goals: GoalService;
  readonly queries: GoalQueries;
  readonly writer: GoalWriter;
  readonly ledger: LedgerWriter;
  /** What was told, a commit an entry, in order. */
  readonly told: Committed[];
  nowMs: number;
  limits: Limits;
  /** The price of the model is known. */
  priced: boolean;
  /** Called with each commit as it is told. */
  onTold: (committed: Committed) => void;
  /** Makes a thread and answers its id. */
  thread(id: string): string;
  events(sinceSeq?: number): GoalEvent[];
}

export function openWorld(): World {
  const folder = mkdtempSync(join(tmpdir(), 'goald-goals-'));
  const databasePath = join(folder, 'goald.db');
  const db = openPlain(databasePath);
  const sql = new Sql(db);
  const repositories = createRepositories(sql);
  const told: Committed[] = [];
  const store = new Store(db, sql, {
    now: () => world.nowMs,
    onProblem: (error) => {
      throw error;
    },
    onCommitted: (committed) => {
      told.push(committed);
      world.onTold(committed);
    },
  });
  const writer = new GoalWriter(repositories);
  const world: World = {
    databasePath,
    db,
    repositories,
    store,
    goals: new GoalService({
      repositories,
      mutations: new Mutations(store, repositories.idempotency),
      writer,
      verification: () => [],
      assertSandbox: (mode, cwd) => {
        confinementsOver(repositories).assertEnforceable(mode, cwd);
      },
      limits: () => world.limits,
      pricing: () => ({ model: 'm', priced: world.priced }),
    }),
    queries: new GoalQueries(repositories),
    writer,
    ledger: new LedgerWriter(repositories, writer),
    told,
    nowMs: START_MS,
    limits: {
      tokenCeiling: 2_000_000,
      timeBudgetSeconds: 14_400,
      maxTurns: 200,
      verificationTimeoutSeconds: 600,
      maxVerificationTimeoutSeconds: 7200,
    },
    priced: true,
    onTold: () => undefined,
    thread: (id) => {
      store.write((tx) => {
        repositories.threads.insert(threadRow(id, tx.nowMs));
      });
      return id;
    },
    events: (sinceSeq = 0) => store.events.list(sinceSeq, EVERY_EVENT),
    [Symbol.dispose]: () => {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

function threadRow(id: string, nowMs: number) {
  return {
    id,
    cwd: '/',
    name: null,
    preview: '',
    source: 'vscode',
    originator: 'test',
    daemon_version: '0.0.0',
    approval_policy: 'never',
    archived: 0,
    fence: 0,
    created_at_ms: nowMs,
    updated_at_ms: nowMs,
  };
}

/** A mutation by a user of the client `test`. */
export function byUser(change: Partial<MutationContext> = {}): MutationContext {
  return {
    actor: { kind: 'user', clientName: 'test', connectionId: 'connection-1' },
    method: requests.threadGoalSet.method,
    idempotencyKey: null,
    ...change,
  };
}
