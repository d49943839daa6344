import type { Insertable, Selectable, Updateable } from 'kysely';
import type { ItemTable } from '../schema.js';
import type { Sql } from '../sql.js';

export type ItemRow = Selectable<ItemTable>;

export class ItemRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(row: Omit<Insertable<ItemTable>, 'ordinal'>): void {
    const ordinal = this.lastOrdinal(row.thread_id) + 1;
    this.#sql.insert('item', { ...row, ordinal });
  }

  find(id: string): ItemRow | undefined {
    return this.#sql.find('item', { id });
  }

  update(id: string, change: Updateable<ItemTable>): void {
    this.#sql.update('item', { id }, change);
  }

  /** What a failed response said stays to be read, but the model does not get it back. */
  forgetHistory(requestId: string): void {
    this.#sql.run(
      this.#sql.query
        .updateTable('item')
        .set({ history_json: '[]' })
        .where('request_id', '=', requestId),
    );
  }

  ofTurn(turnId: string): ItemRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('item')
        .selectAll()
        .where('turn_id', '=', turnId)
        .orderBy('ordinal', 'asc'),
    );
  }

  /** The newest message of a turn; undefined when it said nothing. */
  lastMessage(turnId: string): ItemRow | undefined {
    return this.#sql.get(
      this.#sql.query
        .selectFrom('item')
        .selectAll()
        .where('turn_id', '=', turnId)
        .where('type', '=', 'agentMessage')
        .orderBy('ordinal', 'desc')
        .limit(1),
    );
  }

  ofThread(threadId: string): ItemRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('item')
        .selectAll()
        .where('thread_id', '=', threadId)
        .orderBy('ordinal', 'asc'),
    );
  }

  /** A page of a thread's items, or of one of its turns. */
  page(
    threadId: string,
    page: {
      readonly turnId?: string | undefined;
      readonly descending: boolean;
      readonly afterOrdinal?: number | undefined;
      readonly limit: number;
    },
  ): ItemRow[] {
    let query = this.#sql.query
      .selectFrom('item')
      .selectAll()
      .where('thread_id', '=', threadId)
      .orderBy('ordinal', page.descending ? 'desc' : 'asc')
      .limit(page.limit);
    if (page.turnId !== undefined) query = query.where('turn_id', '=', page.turnId);
    if (page.afterOrdinal !== undefined) {
      query = query.where('ordinal', page.descending ? '<' : '>', page.afterOrdinal);
    }
    return this.#sql.all(query);
  }

  /** Items of a thread behind an ordinal, oldest first. */
  after(threadId: string, ordinal: number): ItemRow[] {
    return this.#sql.all(
      this.#sql.query
        .selectFrom('item')
        .selectAll()
        .where('thread_id', '=', threadId)
        .where('ordinal', '>', ordinal)
        .orderBy('ordinal', 'asc'),
    );
  }

  open(turnId: string): ItemRow[] {
    return this.ofTurn(turnId).filter((item) => item.done === 0);
  }

  /** 0 for a thread without items. */
  lastOrdinal(threadId: string): number {
    const row = this.#sql.get(
      this.#sql.query
        .selectFrom('item')
        .select('ordinal')
        .where('thread_id', '=', threadId)
        .orderBy('ordinal', 'desc')
        .limit(1),
    );
    return row?.ordinal ?? 0;
  }
}
