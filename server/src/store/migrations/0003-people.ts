/** Answers to blockers, decisions on proposals, and what users said for the next turn to hear. */
export const people = {
  version: 3,
  name: 'people',
  sql: `
ALTER TABLE blocker ADD COLUMN asked_key TEXT NOT NULL DEFAULT '';
ALTER TABLE blocker ADD COLUMN answer TEXT;
ALTER TABLE blocker ADD COLUMN resolved_at_ms INTEGER;
ALTER TABLE proposal ADD COLUMN decided_at_ms INTEGER;
ALTER TABLE proposal ADD COLUMN reason TEXT;

CREATE TABLE goal_input (
  ordinal INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  goal_id TEXT NOT NULL,
  thread_id TEXT NOT NULL REFERENCES thread (id) ON DELETE CASCADE,
  text TEXT NOT NULL,
  actor_json TEXT NOT NULL,
  made_at_ms INTEGER NOT NULL,
  turn_id TEXT
) STRICT;
CREATE INDEX goal_input_waiting ON goal_input (goal_id) WHERE turn_id IS NULL;
`,
} as const;
