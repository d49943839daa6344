import type { ApprovalPolicy, Goal } from '@goald/protocol';
import type { Confinement } from './confinement.js';
import type { HistoryEntry, ToolSpec } from './model.js';

/** What the agent may do at the time of a request. */
export interface Rights {
  /** null: what was asked for cannot be enforced here, and nothing is run. */
  readonly confinement: Confinement | null;
  readonly approvals: ApprovalPolicy;
}

export interface ContextRequest {
  readonly cwd: string;
  /** Instruction files of the folder, root first. */
  readonly instructionFiles: readonly string[];
  /** The user trusts the folder they are in. */
  readonly trusted: boolean;
  readonly rights: Rights;
  readonly developerInstructions: string | null;
  readonly tools: readonly ToolSpec[];
  readonly history: readonly HistoryEntry[];
  readonly goal: Goal | null;
  /** Pointed words of the runtime for this request only, such as the progress brake's. */
  readonly notices: readonly string[];
  /** A client's own words of the mode the thread is in. */
  readonly modeInstructions: string | null;
  /** What the tail of the input asks for: work on the goal, a plan, or a summary of the history. */
  readonly task: 'work' | 'plan' | 'summary';
}

export interface BuiltContext {
  readonly instructions: string;
  readonly history: readonly HistoryEntry[];
  readonly steering: string | null;
  /** The tokenizer's count of the whole input. */
  readonly inputTokens: number;
}

/** Turns a thread into the input of a model request. The same thread gives the same bytes up to its newest entries. */
export interface ContextBuilder {
  build(request: ContextRequest): Promise<BuiltContext>;
  /** The tokenizer's count of a part of a history. */
  countEntries(entries: readonly HistoryEntry[]): number;
  /** The tokenizer's count of a text. */
  countTokens(text: string): number;
}
