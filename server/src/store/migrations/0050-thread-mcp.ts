/** The MCP servers that a client gave a thread. Apart from the thread, because their settings hold secrets: lists, exports and forks read threads. */
export const threadMcp = {
  version: 50,
  name: 'thread-mcp',
  sql: `
CREATE TABLE thread_mcp (
  thread_id TEXT PRIMARY KEY REFERENCES thread (id) ON DELETE CASCADE,
  servers_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
} as const;
