import type {
  ApprovalPolicy,
  Constraints,
  Evidence,
  Goal,
  GoalWait,
  Isolation,
  PendingRequest,
  Planning,
  SandboxMode,
  StatusReason,
  VerificationCommand,
} from '@goald/protocol';
import type { GoalRow } from '../store/repositories/goals.js';
import type { BudgetState } from './budget.js';
import { usdOrNull } from './money.js';

/** What a user says a goal is, beside objective and budgets. */
export interface GoalDefinition {
  readonly requirements: readonly string[];
  readonly constraints: Constraints;
  readonly verification: readonly VerificationCommand[];
  readonly role: string | null;
  readonly isolation: Isolation;
  readonly planning: Planning;
  readonly approvalPolicy: ApprovalPolicy | null;
  readonly sandbox: SandboxMode | null;
  /** Of the sandbox; null: as the thread says. */
  readonly networkAccess: boolean | null;
}

export const DEFAULT_DEFINITION: GoalDefinition = {
  requirements: [],
  constraints: { paths: { allow: [], deny: [] }, notes: [] },
  verification: [],
  role: null,
  isolation: 'inPlace',
  planning: 'off',
  approvalPolicy: null,
  sandbox: null,
  networkAccess: null,
};

/** Most goals say the same about themselves, and what is read over and over is one goal: so the definition read last is kept. */
let last: { readonly json: string; readonly definition: GoalDefinition } | undefined;

/** Frozen, all of it: goals that say the same share it. */
export function definitionOf({ definition_json: json }: GoalRow): GoalDefinition {
  if (last?.json !== json) last = { json, definition: readDefinition(json) };
  return last.definition;
}

function readDefinition(json: string): GoalDefinition {
  // What an older goald stored lacks what it did not know.
  const definition = { ...DEFAULT_DEFINITION, ...(JSON.parse(json) as GoalDefinition) };
  freeze(definition);
  return definition;
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value)) freeze(inner);
  Object.freeze(value);
}

export function evidenceOf(row: GoalRow): Evidence[] {
  return JSON.parse(row.evidence_json) as Evidence[];
}

export function changedChecksOf(row: GoalRow): string[] {
  return row.changed_checks_json === null ? [] : (JSON.parse(row.changed_checks_json) as string[]);
}

export function noticesOf(row: GoalRow): string[] {
  return JSON.parse(row.notices_json) as string[];
}

export function budgetOf(row: GoalRow): BudgetState {
  return {
    tokenBudget: row.token_budget,
    tokenCeiling: row.token_ceiling,
    tokensUsed: row.tokens_used,
    timeBudgetSeconds: row.time_budget_seconds,
    timeUsedMs: row.time_used_ms,
    maxTurns: row.max_turns,
    turnsUsed: row.turns_used,
    costBudgetNano: row.cost_budget_nano,
    costNano: row.cost_nano ?? 0,
  };
}

/** The goal as clients see it. */
export function toGoal(row: GoalRow): Goal {
  const definition = definitionOf(row);
  return {
    threadId: row.thread_id,
    objective: row.objective,
    status: row.status,
    tokenBudget: row.token_budget,
    tokensUsed: row.tokens_used,
    timeUsedSeconds: Math.floor(row.time_used_ms / 1000),
    createdAt: Math.floor(row.created_at_ms / 1000),
    updatedAt: Math.floor(row.updated_at_ms / 1000),
    goalId: row.goal_id,
    phase: row.phase,
    statusReason:
      row.status_reason_json === null ? null : (JSON.parse(row.status_reason_json) as StatusReason),
    requirements: [...definition.requirements],
    constraints: definition.constraints,
    verification: [...definition.verification],
    role: definition.role,
    isolation: definition.isolation,
    planning: definition.planning,
    approvalPolicy: definition.approvalPolicy,
    sandbox: definition.sandbox,
    networkAccess: definition.networkAccess,
    tokenCeiling: row.token_ceiling,
    usage: {
      input: row.input_tokens,
      cachedInput: row.cached_input_tokens,
      output: row.output_tokens,
      reasoning: row.reasoning_tokens,
    },
    costBudgetUsd: usdOrNull(row.cost_budget_nano),
    costUsd: usdOrNull(row.cost_nano),
    timeBudgetSeconds: row.time_budget_seconds,
    maxTurns: row.max_turns,
    turnsUsed: row.turns_used,
    progress:
      row.progress_json === null ? null : (JSON.parse(row.progress_json) as Goal['progress']),
    nextActionAtMs: row.next_action_at_ms,
    waitingFor: row.wait_json === null ? null : (JSON.parse(row.wait_json) as GoalWait),
    ...(row.pending_json === null
      ? {}
      : { pendingRequest: JSON.parse(row.pending_json) as PendingRequest }),
    verified: row.verified === 1,
    ...(row.verified === 1 ? { changedChecks: changedChecksOf(row) } : {}),
    revision: row.revision,
  };
}
