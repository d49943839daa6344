import type { Sql } from '../sql.js';

/** The MCP servers that clients gave single threads, as JSON. They hold secrets: nothing but the starting of servers reads them. */
export class ThreadMcpRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** null: none were given. */
  find(threadId: string): string | null {
    return this.#sql.find('thread_mcp', { thread_id: threadId })?.servers_json ?? null;
  }

  /** Of all threads. */
  all(): readonly string[] {
    const query = this.#sql.query.selectFrom('thread_mcp').select('servers_json');
    return this.#sql.all(query).map(({ servers_json: json }) => json);
  }

  /** null: the thread has none of its own any more. */
  put(threadId: string, servers: string | null): void {
    this.#sql.run(this.#sql.query.deleteFrom('thread_mcp').where('thread_id', '=', threadId));
    if (servers === null) return;
    this.#sql.insert('thread_mcp', { thread_id: threadId, servers_json: servers });
  }
}
