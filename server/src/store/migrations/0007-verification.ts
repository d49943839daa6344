/** What a verification run leaves behind, proposals that were refused, and changes that the path constraints forbid. */
export const verification = {
  version: 7,
  name: 'verification',
  sql: `
ALTER TABLE verification_run ADD COLUMN requested_by TEXT NOT NULL DEFAULT 'proposal'
  CHECK (requested_by IN ('proposal', 'user'));
ALTER TABLE verification_run ADD COLUMN reason TEXT;
ALTER TABLE verification_run ADD COLUMN evidence_json TEXT NOT NULL DEFAULT '[]';
ALTER TABLE verification_run ADD COLUMN artifacts_json TEXT;

ALTER TABLE goal ADD COLUMN changed_checks_json TEXT;
ALTER TABLE goal ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;

CREATE TABLE refused_proposal (
  id TEXT PRIMARY KEY,
  goal_id TEXT NOT NULL,
  turn_id TEXT,
  run_id TEXT,
  cause TEXT NOT NULL CHECK (cause IN ('failed', 'void', 'evidence')),
  evidence_json TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX refused_proposal_goal ON refused_proposal (goal_id, at_ms);

ALTER TABLE turn ADD COLUMN guard_json TEXT;

CREATE TABLE path_breach (
  id TEXT PRIMARY KEY,
  goal_id TEXT NOT NULL,
  turn_id TEXT NOT NULL,
  path TEXT NOT NULL,
  change TEXT NOT NULL CHECK (change IN ('added', 'modified', 'deleted')),
  rule TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('found', 'undone', 'kept')),
  reason TEXT,
  kept_as TEXT,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX path_breach_goal ON path_breach (goal_id, at_ms);
`,
} as const;
