import { randomUUID } from 'node:crypto';
import { configSchema } from '@goald/protocol';
import { GoalWriter } from '@goald/server/goals/goal-writer.js';
import { newGoal } from '@goald/server/goals/goal-change.js';
import { createRepositories, type Repositories } from '@goald/server/store/repositories/index.js';
import { Sql } from '@goald/server/store/sql.js';
import { Store, type Tx } from '@goald/server/store/store.js';
import { openPlain } from '../../helpers/open-plain.js';
import { goaldHome } from '../contestants/goald.js';

const IN_ONE_COMMIT = 1000;
const LIMITS = configSchema.parse({}).limits;
const ACTOR = { kind: 'user', clientName: 'bench', connectionId: null } as const;

/** Puts threads with a paused goal each into the store of the goald that will be started in `folder`. Answers their ids. */
export function storeGoals(folder: string, count: number): string[] {
  const db = openPlain(goaldHome(folder).database);
  try {
    const sql = new Sql(db);
    const repositories = createRepositories(sql);
    const writer = new GoalWriter(repositories);
    let nowMs = Date.now() - count;
    const store = new Store(db, sql, {
      now: () => nowMs,
      onCommitted: () => undefined,
      onProblem: (error) => {
        throw error;
      },
    });
    const threadIds: string[] = [];
    while (threadIds.length < count) {
      nowMs += IN_ONE_COMMIT;
      const more = Math.min(IN_ONE_COMMIT, count - threadIds.length);
      const made = store.write((tx) =>
        Array.from({ length: more }, (_, n) =>
          storeGoal(tx, repositories, writer, { cwd: folder, number: threadIds.length + n }),
        ),
      );
      threadIds.push(...made);
    }
    return threadIds;
  } finally {
    db.close();
  }
}

function storeGoal(
  tx: Tx,
  repositories: Repositories,
  writer: GoalWriter,
  { cwd, number }: { readonly cwd: string; readonly number: number },
): string {
  const threadId = randomUUID();
  repositories.threads.insert({
    id: threadId,
    cwd,
    name: null,
    preview: '',
    model: null,
    source: 'vscode',
    originator: ACTOR.clientName,
    thread_source: null,
    daemon_version: '0',
    git_json: null,
    approval_policy: 'never',
    developer_instructions: null,
    archived: 0,
    fence: 0,
    created_at_ms: tx.nowMs,
    updated_at_ms: tx.nowMs,
  });
  const objective = `Make test ${String(number)} of this repository pass.`;
  const goal = { objective, status: 'paused', nowMs: tx.nowMs } as const;
  writer.create(tx, newGoal({ threadId }, goal, LIMITS), ACTOR);
  return threadId;
}
