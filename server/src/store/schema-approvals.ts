/** What a person is asked to allow. Its row is there before anyone is asked, and nothing runs before it says so. */
export interface ApprovalTable {
  id: string;
  thread_id: string;
  goal_id: string | null;
  turn_id: string;
  item_id: string;
  /** The model request that the call came from. */
  request_id: string;
  kind: 'command' | 'fileChange';
  /** The call as the model made it: ToolCall. */
  call_json: string;
  cwd: string;
  /** null for a change of files. */
  command: string | null;
  files_json: string;
  reason: string | null;
  /** It runs without the sandbox. */
  unsandboxed: number;
  /** First words that may be allowed for good: string[]. */
  amendment_json: string | null;
  decision:
    | 'accept'
    | 'acceptForSession'
    | 'acceptWithExecpolicyAmendment'
    | 'decline'
    | 'cancel'
    | 'withdrawn'
    | null;
  /** Actor; null while it is pending. */
  decided_by_json: string | null;
  decision_reason: string | null;
  requested_at_ms: number;
  decided_at_ms: number | null;
  /** The call was answered, without having run, before this was decided. */
  parked: number;
  /** Nothing is left to be done: the call ran, or the model knows that it does not. */
  settled: number;
  /** The turn in which the call began to run; set before it does, once. */
  ran_in_turn_id: string | null;
}

/** What a person has allowed for good. */
export interface ApprovalRuleTable {
  id: string;
  /** command: this very text in this folder; prefix: what begins with these words; fileChange: these files. */
  kind: 'command' | 'prefix' | 'fileChange';
  /** null: it holds for all threads. */
  thread_id: string | null;
  what_json: string;
  cwd: string | null;
  approval_id: string;
  made_at_ms: number;
}
