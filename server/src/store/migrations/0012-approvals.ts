/** What people are asked to allow, what they decided, and what they have allowed for good. */
export const approvals = {
  version: 12,
  name: 'approvals',
  sql: `
CREATE TABLE approval (
  id TEXT PRIMARY KEY,
  thread_id TEXT NOT NULL REFERENCES thread (id) ON DELETE CASCADE,
  goal_id TEXT,
  turn_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('command', 'fileChange')),
  call_json TEXT NOT NULL,
  cwd TEXT NOT NULL,
  command TEXT,
  files_json TEXT NOT NULL DEFAULT '[]',
  reason TEXT,
  unsandboxed INTEGER NOT NULL DEFAULT 0,
  amendment_json TEXT,
  decision TEXT CHECK (decision IN ('accept', 'acceptForSession',
    'acceptWithExecpolicyAmendment', 'decline', 'cancel', 'withdrawn')),
  decided_by_json TEXT,
  decision_reason TEXT,
  requested_at_ms INTEGER NOT NULL,
  decided_at_ms INTEGER,
  parked INTEGER NOT NULL DEFAULT 0,
  settled INTEGER NOT NULL DEFAULT 0,
  ran_in_turn_id TEXT,
  CHECK ((decision IS NULL) = (decided_at_ms IS NULL)),
  CHECK ((decision IS NULL) = (decided_by_json IS NULL))
) STRICT;
CREATE INDEX approval_pending ON approval (thread_id, requested_at_ms) WHERE decision IS NULL;
CREATE INDEX approval_unsettled ON approval (thread_id, requested_at_ms) WHERE settled = 0;

CREATE TABLE approval_rule (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('command', 'prefix', 'fileChange')),
  thread_id TEXT REFERENCES thread (id) ON DELETE CASCADE,
  what_json TEXT NOT NULL,
  cwd TEXT,
  approval_id TEXT NOT NULL,
  made_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX approval_rule_thread ON approval_rule (thread_id);

ALTER TABLE blocker ADD COLUMN item_id TEXT;
ALTER TABLE goal ADD COLUMN pending_json TEXT;
`,
} as const;
