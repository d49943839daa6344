/** The store's first shape. */
export const initial = {
  version: 1,
  name: 'initial',
  sql: `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE thread (
  id TEXT PRIMARY KEY,
  cwd TEXT NOT NULL,
  name TEXT,
  preview TEXT NOT NULL,
  model TEXT,
  source TEXT NOT NULL,
  originator TEXT,
  thread_source TEXT,
  daemon_version TEXT NOT NULL,
  git_json TEXT,
  approval_policy TEXT NOT NULL,
  sandbox TEXT NOT NULL,
  developer_instructions TEXT,
  archived INTEGER NOT NULL DEFAULT 0,
  fence INTEGER NOT NULL DEFAULT 0,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX thread_created ON thread (archived, created_at_ms, id);
CREATE INDEX thread_updated ON thread (archived, updated_at_ms, id);

CREATE TABLE turn (
  id TEXT PRIMARY KEY,
  thread_id TEXT NOT NULL REFERENCES thread (id) ON DELETE CASCADE,
  goal_id TEXT,
  fence INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('user', 'goal')),
  status TEXT NOT NULL CHECK (status IN ('inProgress', 'completed', 'interrupted', 'failed')),
  error_json TEXT,
  started_at_ms INTEGER NOT NULL,
  completed_at_ms INTEGER,
  work_ms INTEGER NOT NULL DEFAULT 0,
  UNIQUE (thread_id, ordinal)
) STRICT;
CREATE UNIQUE INDEX turn_one_in_progress ON turn (thread_id) WHERE status = 'inProgress';

CREATE TABLE item (
  id TEXT PRIMARY KEY,
  thread_id TEXT NOT NULL REFERENCES thread (id) ON DELETE CASCADE,
  turn_id TEXT NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
  request_id TEXT,
  ordinal INTEGER NOT NULL,
  type TEXT NOT NULL,
  done INTEGER NOT NULL,
  wire_json TEXT NOT NULL,
  history_json TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  completed_at_ms INTEGER,
  UNIQUE (thread_id, ordinal)
) STRICT;
CREATE INDEX item_turn ON item (turn_id, ordinal);
CREATE INDEX item_request ON item (request_id) WHERE request_id IS NOT NULL;

CREATE TABLE goal (
  goal_id TEXT PRIMARY KEY,
  thread_id TEXT NOT NULL,
  objective TEXT NOT NULL,
  status TEXT NOT NULL
    CHECK (status IN ('active', 'paused', 'blocked', 'usageLimited', 'budgetLimited', 'complete')),
  phase TEXT,
  status_reason_json TEXT,
  definition_json TEXT NOT NULL,
  token_budget INTEGER,
  token_ceiling INTEGER NOT NULL,
  tokens_used INTEGER NOT NULL DEFAULT 0,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  cached_input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  reasoning_tokens INTEGER NOT NULL DEFAULT 0,
  cost_budget_usd REAL,
  cost_usd REAL,
  time_budget_seconds INTEGER NOT NULL,
  time_used_ms INTEGER NOT NULL DEFAULT 0,
  wait_ms INTEGER NOT NULL DEFAULT 0,
  max_turns INTEGER NOT NULL,
  turns_used INTEGER NOT NULL DEFAULT 0,
  progress_json TEXT,
  next_action_at_ms INTEGER,
  verified INTEGER NOT NULL DEFAULT 0,
  revision INTEGER NOT NULL,
  idle_turns INTEGER NOT NULL DEFAULT 0,
  budget_warned INTEGER NOT NULL DEFAULT 0,
  baseline_tree_id TEXT,
  evidence_json TEXT NOT NULL DEFAULT '[]',
  notices_json TEXT NOT NULL DEFAULT '[]',
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER,
  CHECK (phase IS NULL OR status = 'active')
) STRICT;
CREATE UNIQUE INDEX goal_current ON goal (thread_id) WHERE ended_at_ms IS NULL;
CREATE INDEX goal_active ON goal (status) WHERE ended_at_ms IS NULL AND status = 'active';
CREATE INDEX goal_updated ON goal (updated_at_ms, goal_id) WHERE ended_at_ms IS NULL;

CREATE TABLE goal_event (
  seq INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  type TEXT NOT NULL,
  thread_id TEXT,
  goal_id TEXT,
  turn_id TEXT,
  revision INTEGER,
  data_json TEXT NOT NULL
) STRICT;
CREATE INDEX goal_event_goal ON goal_event (goal_id, seq);
CREATE INDEX goal_event_thread ON goal_event (thread_id, seq);

CREATE TABLE model_request (
  id TEXT PRIMARY KEY,
  turn_id TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  goal_id TEXT,
  ordinal INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('intent', 'charged')),
  outcome TEXT NOT NULL,
  estimated_input INTEGER NOT NULL,
  counted_input INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL DEFAULT 0,
  cached_input_tokens INTEGER NOT NULL DEFAULT 0,
  output_tokens INTEGER NOT NULL DEFAULT 0,
  reasoning_tokens INTEGER NOT NULL DEFAULT 0,
  tokens INTEGER NOT NULL DEFAULT 0,
  cost_usd REAL,
  estimated INTEGER NOT NULL DEFAULT 0,
  tool_calls_json TEXT NOT NULL DEFAULT '[]',
  started_at_ms INTEGER NOT NULL,
  completed_at_ms INTEGER
) STRICT;
CREATE INDEX model_request_goal ON model_request (goal_id, ordinal);
CREATE INDEX model_request_thread ON model_request (thread_id, ordinal);
CREATE INDEX model_request_open ON model_request (state) WHERE state = 'intent';

CREATE TABLE progress_sign (
  goal_id TEXT NOT NULL,
  sign TEXT NOT NULL,
  turn_id TEXT,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (goal_id, sign)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan (
  thread_id TEXT PRIMARY KEY REFERENCES thread (id) ON DELETE CASCADE,
  goal_id TEXT,
  turn_id TEXT NOT NULL,
  explanation TEXT,
  steps_json TEXT NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE blocker (
  id TEXT PRIMARY KEY,
  goal_id TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  turn_id TEXT,
  summary TEXT NOT NULL,
  question TEXT,
  severity TEXT NOT NULL CHECK (severity IN ('finding', 'blocking')),
  resolved INTEGER NOT NULL DEFAULT 0,
  raised_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX blocker_goal ON blocker (goal_id, raised_at_ms);

CREATE TABLE proposal (
  id TEXT PRIMARY KEY,
  goal_id TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  turn_id TEXT,
  objective TEXT NOT NULL,
  decision TEXT NOT NULL CHECK (decision IN ('pending', 'accepted', 'declined')),
  made_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX proposal_goal ON proposal (goal_id, made_at_ms);

CREATE TABLE verification_run (
  id TEXT PRIMARY KEY,
  goal_id TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  turn_id TEXT,
  status TEXT NOT NULL CHECK (status IN ('running', 'passed', 'failed', 'void')),
  tree_id TEXT,
  results_json TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  completed_at_ms INTEGER
) STRICT;
CREATE INDEX verification_run_goal ON verification_run (goal_id, started_at_ms);

CREATE TABLE idempotency (
  key TEXT PRIMARY KEY,
  method TEXT NOT NULL,
  result_json TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX idempotency_created ON idempotency (created_at_ms);
`,
} as const;
