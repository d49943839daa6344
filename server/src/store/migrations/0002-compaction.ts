/** What the model reads in the place of a thread's older items, and which request made it. */
export const compaction = {
  version: 2,
  name: 'compaction',
  sql: `
CREATE TABLE compaction (
  thread_id TEXT PRIMARY KEY REFERENCES thread (id) ON DELETE CASCADE,
  through_ordinal INTEGER NOT NULL,
  entries_json TEXT NOT NULL,
  made_at_ms INTEGER NOT NULL
) STRICT;
ALTER TABLE goal ADD COLUMN idle_compactions INTEGER NOT NULL DEFAULT 0;
ALTER TABLE model_request ADD COLUMN purpose TEXT NOT NULL DEFAULT 'answer' CHECK (purpose IN ('answer', 'compaction'));
`,
};
