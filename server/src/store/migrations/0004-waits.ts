/** Waits of goals and the background processes they can wait for. */
export const waits = {
  version: 4,
  name: 'waits',
  sql: `
CREATE TABLE process (
  id TEXT PRIMARY KEY,
  thread_id TEXT NOT NULL,
  goal_id TEXT NOT NULL,
  turn_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  command TEXT NOT NULL,
  cwd TEXT NOT NULL,
  output_file TEXT NOT NULL,
  pid INTEGER,
  started_ticks INTEGER,
  ending TEXT CHECK (ending IN ('exited', 'timedOut', 'killed', 'stopped', 'lost')),
  exit_code INTEGER,
  signal TEXT,
  tail TEXT NOT NULL DEFAULT '',
  polled_bytes INTEGER NOT NULL DEFAULT 0,
  told INTEGER NOT NULL DEFAULT 0,
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER,
  UNIQUE (thread_id, number),
  CHECK ((ending IS NULL) = (ended_at_ms IS NULL))
) STRICT;
CREATE INDEX process_open ON process (goal_id) WHERE ended_at_ms IS NULL;
CREATE INDEX process_untold ON process (goal_id, number) WHERE told = 0;

CREATE TABLE wait (
  id TEXT PRIMARY KEY,
  goal_id TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  turn_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('time', 'process', 'path')),
  what TEXT NOT NULL,
  arguments_json TEXT NOT NULL,
  process_id TEXT REFERENCES process (id),
  path TEXT,
  stamp TEXT,
  until_ms INTEGER NOT NULL,
  result TEXT CHECK
    (result IN ('elapsed', 'exited', 'changed', 'lost', 'timedOut', 'interrupted', 'stopped')),
  told INTEGER NOT NULL DEFAULT 0,
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER,
  CHECK ((result IS NULL) = (ended_at_ms IS NULL)),
  CHECK (kind <> 'process' OR process_id IS NOT NULL),
  CHECK (kind <> 'path' OR (path IS NOT NULL AND stamp IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX wait_open ON wait (goal_id) WHERE ended_at_ms IS NULL;
CREATE INDEX wait_untold ON wait (goal_id, started_at_ms) WHERE told = 0;

ALTER TABLE goal ADD COLUMN wait_json TEXT;
`,
} as const;
