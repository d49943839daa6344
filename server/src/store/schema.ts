import type { Generated } from 'kysely';
import type {
  CollaborationModeKind,
  EventType,
  GoalPhase,
  GoalStatus,
  TurnStatus,
} from '@goald/protocol';
import type { ApprovalRuleTable, ApprovalTable } from './schema-approvals.js';

/** Columns hold what SQLite holds: booleans are 0 or 1, `…_json` is JSON text, times are Unix milliseconds. */
export interface Schema {
  meta: MetaTable;
  thread: ThreadTable;
  turn: TurnTable;
  item: ItemTable;
  goal: GoalTable;
  goal_event: GoalEventTable;
  model_request: ModelRequestTable;
  progress_sign: ProgressSignTable;
  plan: PlanTable;
  blocker: BlockerTable;
  proposal: ProposalTable;
  goal_input: GoalInputTable;
  verification_run: VerificationRunTable;
  refused_proposal: RefusedProposalTable;
  path_breach: PathBreachTable;
  idempotency: IdempotencyTable;
  compaction: CompactionTable;
  process: ProcessTable;
  wait: WaitTable;
  folder_trust: FolderTrustTable;
  approval: ApprovalTable;
  approval_rule: ApprovalRuleTable;
  thread_mcp: ThreadMcpTable;
}

export interface MetaTable {
  key: string;
  value: string;
}

export interface ThreadTable {
  id: string;
  cwd: string;
  name: string | null;
  preview: string;
  model: string | null;
  source: string;
  originator: string | null;
  thread_source: string | null;
  daemon_version: string;
  git_json: string | null;
  approval_policy: string;
  /** SandboxSetting; null: as the configuration says. */
  sandbox_json: string | null;
  developer_instructions: string | null;
  /** Thread whose history it began with; it may be gone. */
  forked_from_id: string | null;
  /** Tier its requests ask for; null: as the configuration says. */
  service_tier: string | null;
  mode: Generated<CollaborationModeKind>;
  /** A client's own words of the mode; null: those of goald. */
  mode_instructions: string | null;
  /** Where a person goes on reading: 'start' or a turn; null: they have read all of it. */
  unread_from: string | null;
  read_revision: string | null;
  archived: number;
  /** Raised by every claim of a turn. A writer that holds an older value is stale. */
  fence: number;
  created_at_ms: number;
  updated_at_ms: number;
}

export interface TurnTable {
  id: string;
  thread_id: string;
  goal_id: string | null;
  fence: number;
  ordinal: number;
  origin: 'user' | 'goal';
  status: TurnStatus;
  error_json: string | null;
  started_at_ms: number;
  completed_at_ms: number | null;
  work_ms: number;
  /** What the path constraints are checked against: GuardMark; null before the first write and without constraints. */
  guard_json: string | null;
}

export interface ItemTable {
  id: string;
  thread_id: string;
  turn_id: string;
  /** The model request it came from; null for what a user said. */
  request_id: string | null;
  ordinal: number;
  type: string;
  done: number;
  wire_json: string;
  /** What the model reads of it: HistoryEntry[]. */
  history_json: string;
  started_at_ms: number;
  completed_at_ms: number | null;
}

export interface GoalTable {
  goal_id: string;
  thread_id: string;
  objective: string;
  status: GoalStatus;
  phase: GoalPhase | null;
  status_reason_json: string | null;
  /** requirements, constraints, verification, role, isolation, planning, approvalPolicy, sandbox */
  definition_json: string;
  token_budget: number | null;
  token_ceiling: number;
  tokens_used: number;
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  /** Cost is in whole nanodollars. */
  cost_budget_nano: number | null;
  /** null until a request with a known price was charged. */
  cost_nano: number | null;
  time_budget_seconds: number;
  time_used_ms: number;
  wait_ms: number;
  max_turns: number;
  turns_used: number;
  progress_json: string | null;
  next_action_at_ms: number | null;
  /** What the goal waits for, as clients see it; null while it waits for nothing. */
  wait_json: string | null;
  /** What a person is asked meanwhile, as clients see it; null while nothing is asked. */
  pending_json: string | null;
  verified: number;
  revision: number;
  /** Turns without progress in a row. */
  idle_turns: number;
  /** Compactions since the last progress. */
  idle_compactions: number;
  /** One bit for each kind of budget. */
  budget_warned: number;
  baseline_tree_id: string | null;
  evidence_json: string;
  /** Refused proposals since a user last edited or resumed the goal. */
  refused: number;
  /** What the checks rely on and the goal changed, of a verified goal: string[]. */
  changed_checks_json: string | null;
  /** What the model is to be told with its next request: string[]. */
  notices_json: string;
  created_at_ms: number;
  updated_at_ms: number;
  /** Set when the goal was cleared or replaced: it is history then, and its thread may have another. */
  ended_at_ms: number | null;
}

export interface GoalEventTable {
  seq: number;
  at_ms: number;
  type: EventType;
  thread_id: string | null;
  goal_id: string | null;
  turn_id: string | null;
  revision: number | null;
  data_json: string;
}

export interface ModelRequestTable {
  id: string;
  turn_id: string;
  thread_id: string;
  goal_id: string | null;
  ordinal: number;
  provider: string;
  model: string;
  state: 'intent' | 'charged';
  outcome: 'inFlight' | 'completed' | 'rejected' | 'cut' | 'aborted' | 'lost';
  /** Input tokens the daemon expected, cached ones among them. */
  estimated_input: number;
  /** The tokenizer's own count, before correction. */
  counted_input: number;
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  tokens: number;
  cost_nano: number | null;
  /** Price that was in force when it left: goals/price.ts. */
  price_json: string | null;
  requested_tier: string;
  service_tier: string;
  estimated: number;
  tool_calls_json: string;
  started_at_ms: number;
  completed_at_ms: number | null;
  /** What it was for: an answer, or the summary of a compaction. */
  purpose: 'answer' | 'compaction';
}

export interface CompactionTable {
  thread_id: string;
  /** Items up to this one are replaced by the entries. */
  through_ordinal: number;
  /** HistoryEntry[] */
  entries_json: string;
  made_at_ms: number;
}

export interface ProgressSignTable {
  goal_id: string;
  sign: string;
  turn_id: string | null;
  at_ms: number;
}

export interface PlanTable {
  thread_id: string;
  goal_id: string | null;
  turn_id: string;
  explanation: string | null;
  steps_json: string;
  updated_at_ms: number;
}

export interface BlockerTable {
  id: string;
  goal_id: string;
  thread_id: string;
  turn_id: string | null;
  summary: string;
  question: string | null;
  severity: 'finding' | 'blocking';
  resolved: number;
  raised_at_ms: number;
  /** What is asked, in a form in which the same question asked again is the same text. */
  asked_key: string;
  /** The call that raised it. */
  item_id: string | null;
  answer: string | null;
  resolved_at_ms: number | null;
}

export interface ProposalTable {
  id: string;
  goal_id: string;
  thread_id: string;
  turn_id: string | null;
  objective: string;
  decision: 'pending' | 'accepted' | 'declined';
  made_at_ms: number;
  decided_at_ms: number | null;
  reason: string | null;
}

/** What users said to a goal for its next turn to hear. */
export interface GoalInputTable {
  id: string;
  ordinal: Generated<number>;
  goal_id: string;
  thread_id: string;
  text: string;
  /** Who said it: Actor. */
  actor_json: string;
  made_at_ms: number;
  /** The turn that heard it; null while it waits. */
  turn_id: string | null;
}

export interface VerificationRunTable {
  id: string;
  goal_id: string;
  thread_id: string;
  turn_id: string | null;
  status: 'running' | 'passed' | 'failed' | 'void';
  tree_id: string | null;
  results_json: string;
  started_at_ms: number;
  completed_at_ms: number | null;
  requested_by: 'proposal' | 'user';
  /** Why a void run does not count. */
  reason: string | null;
  evidence_json: string;
  artifacts_json: string | null;
}

export interface RefusedProposalTable {
  id: string;
  goal_id: string;
  turn_id: string | null;
  run_id: string | null;
  cause: 'failed' | 'void' | 'evidence';
  evidence_json: string;
  at_ms: number;
}

export interface PathBreachTable {
  id: string;
  goal_id: string;
  turn_id: string;
  path: string;
  change: 'added' | 'modified' | 'deleted';
  rule: string;
  /** found: what became of it is not written down yet. */
  outcome: 'found' | 'undone' | 'kept';
  reason: string | null;
  kept_as: string | null;
  at_ms: number;
}

export interface IdempotencyTable {
  key: string;
  method: string;
  result_json: string;
  created_at_ms: number;
}

/** A background process of a goal. Its row is there before the process is. */
export interface ProcessTable {
  id: string;
  thread_id: string;
  goal_id: string;
  turn_id: string;
  /** What the model calls it: 1, 2 … in its thread. */
  number: number;
  command: string;
  cwd: string;
  output_file: string;
  /** null until it was seen to run. */
  pid: number | null;
  /** With the pid, names the process once and for all; null where the system does not tell. */
  started_ticks: number | null;
  /** killed: by the model; stopped: with its goal; lost: with its daemon. */
  ending: 'exited' | 'timedOut' | 'killed' | 'stopped' | 'lost' | null;
  exit_code: number | null;
  signal: string | null;
  /** The end of its output. */
  tail: string;
  /** How much of the output file the model has read. */
  polled_bytes: number;
  /** The model knows that it ended. */
  told: number;
  started_at_ms: number;
  ended_at_ms: number | null;
}

/** What a goal waits for, or waited for. A goal has one open wait at most. */
export interface WaitTable {
  id: string;
  goal_id: string;
  thread_id: string;
  /** The turn that called wait. */
  turn_id: string;
  kind: 'time' | 'process' | 'path';
  /** In words: `90 s`, `process 3 (npm test)`, `out.log to change`. */
  what: string;
  arguments_json: string;
  process_id: string | null;
  /** Absolute. */
  path: string | null;
  /** The file as it was when the wait began. */
  stamp: string | null;
  /** When it is over at the latest. */
  until_ms: number;
  result: 'elapsed' | 'exited' | 'changed' | 'lost' | 'timedOut' | 'interrupted' | 'stopped' | null;
  /** The model knows how it ended. */
  told: number;
  started_at_ms: number;
  ended_at_ms: number | null;
}

/** What the user said of a folder. No row: nobody was asked. */
export interface FolderTrustTable {
  /** Real path of the repository's root, or of the folder where there is none. */
  root: string;
  level: 'trusted' | 'untrusted';
  decided_at_ms: number;
  /** Who said it: Actor. */
  actor_json: string;
}

/** The MCP servers that a client gave a thread. */
export interface ThreadMcpTable {
  thread_id: string;
  /** By name: Config['mcpServers']. */
  servers_json: string;
}
