import type { Selectable } from 'kysely';
import type { FolderTrustTable } from '../schema.js';
import type { Sql } from '../sql.js';

export type FolderTrustRow = Selectable<FolderTrustTable>;

/** What the user said of folders. Asked for with every goal and small, so it stays in memory. */
export class FolderTrustRepository {
  readonly #sql: Sql;
  #rows: ReadonlyMap<string, FolderTrustRow> | null = null;
  #epoch = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  find(root: string): FolderTrustRow | undefined {
    return this.#all().get(root);
  }

  /** By root. */
  list(): FolderTrustRow[] {
    return [...this.#all().values()];
  }

  put(row: FolderTrustRow): void {
    const { level, decided_at_ms, actor_json } = row;
    this.#rows = null;
    this.#sql.run(
      this.#sql.query
        .insertInto('folder_trust')
        .values(row)
        .onConflict((conflict) =>
          conflict.column('root').doUpdateSet({ level, decided_at_ms, actor_json }),
        ),
    );
  }

  remove(root: string): void {
    this.#rows = null;
    this.#sql.run(this.#sql.query.deleteFrom('folder_trust').where('root', '=', root));
  }

  #all(): ReadonlyMap<string, FolderTrustRow> {
    // What a transaction read that was rolled back may never have been.
    if (this.#epoch !== this.#sql.rollbacks) this.#rows = null;
    this.#epoch = this.#sql.rollbacks;
    this.#rows ??= new Map(
      this.#sql
        .all(this.#sql.query.selectFrom('folder_trust').selectAll().orderBy('root', 'asc'))
        .map((row) => [row.root, row]),
    );
    return this.#rows;
  }
}
