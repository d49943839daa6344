import type { ApprovalPolicy, Config } from '@goald/protocol';
import { definitionOf } from '../../goals/goal-record.js';
import type { ActiveTurn } from '../active-turn.js';
import type { ToolCall, ToolDisplay } from '../ports/tools.js';
import type { TurnStore } from '../turn-store.js';
import type { Approvals, Verdict, WantedCall } from './approvals.js';

export interface PermissionOptions {
  readonly store: TurnStore;
  readonly approvals: Approvals;
  readonly config: () => Config;
}

/** A call of a turn in flight that is about to run. */
export interface NextCall {
  readonly call: ToolCall;
  readonly display: ToolDisplay;
  readonly itemId: string;
  readonly requestId: string;
}

export type Leave = { readonly kind: 'free' } | Verdict;

const FREE: Leave = { kind: 'free' };

/** Whether a call may run: by the policy of its goal or thread, or because a person says so. */
export class Permission {
  readonly #options: PermissionOptions;

  constructor(options: PermissionOptions) {
    this.#options = options;
  }

  /** Rejects with the turn's stop reason, or when the turn is no longer ours. */
  async of(turn: ActiveTurn, next: NextCall): Promise<Leave> {
    const wanted = wantedOf(turn, next);
    if (wanted === null || this.#policy(turn) === 'never') return FREE;
    return this.#options.approvals.ask(turn, wanted);
  }

  #policy(turn: ActiveTurn): ApprovalPolicy {
    const { goals, threads } = this.#options.store.repositories;
    const goal = turn.goalId === null ? undefined : goals.find(turn.goalId);
    const ofGoal = goal === undefined ? null : definitionOf(goal).approvalPolicy;
    const ofThread = threads.find(turn.threadId)?.approval_policy;
    return (ofGoal ?? ofThread ?? this.#options.config().approvals.policy) as ApprovalPolicy;
  }
}

/** What a person would be asked about a call; null for calls that only look, or work on the goal. */
function wantedOf(
  turn: ActiveTurn,
  { call, display, itemId, requestId }: NextCall,
): WantedCall | null {
  const shared = { call, itemId, requestId, reason: null, unsandboxed: false, amendment: null };
  switch (display.kind) {
    case 'command':
      return { ...shared, kind: 'command', cwd: display.cwd, command: display.command, files: [] };
    case 'fileChange':
      return {
        ...shared,
        kind: 'fileChange',
        cwd: turn.cwd,
        command: null,
        files: filesOf(display),
      };
    case 'call':
      return null;
  }
}

function filesOf({ changes }: Extract<ToolDisplay, { kind: 'fileChange' }>): string[] {
  const paths = changes.flatMap(({ path, kind }) =>
    kind.type === 'update' && kind.move_path !== null ? [path, kind.move_path] : [path],
  );
  return [...new Set(paths)];
}
