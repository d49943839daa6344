import type { Evidence, FileUpdateChange, Goal, PlanStep } from '@goald/protocol';
import type { BackgroundControl } from './background.js';
import type { Confinement } from './confinement.js';
import type { ToolSpec } from './model.js';

/** What the model may ask of the goal it works on, beside reading it. The runtime decides. */
export interface GoalProposal {
  readonly status?: 'complete' | 'blocked' | 'paused';
  readonly progress?: { readonly summary: string; readonly percent: number | null };
  readonly evidence: readonly Evidence[];
  readonly blocker?: {
    readonly summary: string;
    readonly question: string | null;
    readonly severity: 'finding' | 'blocking';
  };
  readonly proposedObjective?: string;
}

/** The goal as tools reach it: the engine's side of get_goal, set_goal and update_plan. */
export interface GoalControl {
  /** null when the thread has no goal. */
  goal(): Goal | null;
  /** Answers what the model is told; `endsTurn` when no further request may follow. Rejects only on abort. */
  propose(proposal: GoalProposal): Promise<{ text: string; success: boolean; endsTurn: boolean }>;
  /** Stores the plan and tells the clients. */
  updatePlan(steps: readonly PlanStep[], explanation: string | null): void;
}

export interface ToolCall {
  readonly callId: string;
  readonly name: string;
  /** JSON text as the model wrote it. */
  readonly arguments: string;
}

export interface ToolContext {
  readonly threadId: string;
  readonly turnId: string;
  readonly itemId: string;
  /** Absolute folder of the goal; relative paths start here. */
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly goals: GoalControl;
  /** What the call may reach. */
  readonly confinement: Confinement;
  /** Says which rule forbids changing an absolute path, or null. Not given: everything may be changed. */
  readonly refuseChange?: ((absolutePath: string) => string | null) | null;
  readonly background: BackgroundControl;
  /** Live output of a running command. Must not throw. */
  readonly onOutput: (text: string) => void;
  /** What a running call says of its progress. Must not throw. */
  readonly onProgress: (message: string) => void;
}

/** How a call shows up among the items of a turn. */
export type ToolDisplay =
  | { readonly kind: 'command'; readonly command: string; readonly cwd: string }
  | { readonly kind: 'fileChange'; readonly changes: readonly FileUpdateChange[] }
  | { readonly kind: 'call'; readonly tool: string; readonly arguments: unknown }
  | {
      readonly kind: 'mcp';
      readonly server: string;
      /** As the server names it. */
      readonly tool: string;
      readonly arguments: unknown;
      /** What the server says of the tool. */
      readonly readOnlyHint: boolean | null;
      /** A person is asked first where a policy asks at all. */
      readonly mayAsk: boolean;
    };

export interface ToolResult {
  /** What the model reads, already cut to the token limit. */
  readonly output: string;
  readonly success: boolean;
  /** No further model request in this turn. */
  readonly endsTurn?: boolean;
  readonly command?: {
    readonly exitCode: number | null;
    readonly output: string;
    readonly durationMs: number;
    readonly processId: number | null;
  };
  /** What an MCP server answered, cut where it is long; null when it answered nothing. */
  readonly mcp?: {
    readonly content: readonly unknown[];
    readonly structuredContent: unknown;
    readonly _meta: unknown;
  } | null;
  /** What a patch really changed. */
  readonly changes?: readonly FileUpdateChange[];
}

/** A tool call after its arguments were read, ready to run. */
export interface PreparedCall {
  readonly call: ToolCall;
  readonly display: ToolDisplay;
  /** Read-only calls of one response run in parallel, the others in order. */
  readonly readOnly: boolean;
  /** Nothing after it in the same response runs. */
  readonly barrier: boolean;
  /** What it is about to change, with true diffs; null where that cannot be told. Absent: nothing that shows. Never rejects. */
  readonly preview?: () => Promise<readonly FileUpdateChange[] | null>;
  /** Never rejects but with the signal's reason: what goes wrong is an error output. */
  run(context: ToolContext): Promise<ToolResult>;
}

export interface ToolSet {
  /** Stable order and bytes: part of the cached prefix. `goalTools` false leaves out get_goal and set_goal. */
  specs(options: { goalTools: boolean }): readonly ToolSpec[];
  /** Unknown tools and malformed arguments become calls whose result says what is wrong. Never throws. */
  prepare(call: ToolCall, options: { cwd: string; goalTools: boolean }): PreparedCall;
}

/** Where the tools of a turn come from. */
export interface ToolSource {
  /**
   * What this turn is offered, the same from its first request to its last. May wait for what takes a while to start. Rejects only with
   * the signal's reason.
   */
  forTurn(turn: { readonly threadId: string; readonly signal: AbortSignal }): Promise<ToolSet>;
}

/** Before a turn has asked for its own. */
export const NO_TOOLS: ToolSet = {
  specs: () => [],
  prepare: (call) => ({
    call,
    display: { kind: 'call', tool: call.name, arguments: call.arguments },
    readOnly: true,
    barrier: false,
    run: () => Promise.resolve({ output: 'There are no tools.', success: false }),
  }),
};
