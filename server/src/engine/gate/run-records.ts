import type {
  Evidence,
  RunArtifacts,
  VerificationCommand,
  VerificationResult,
  VerificationRun,
} from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import { sign, stableDigest } from '../../goals/progress.js';
import { RUNTIME_ACTOR, type Actor } from '../../store/mutation.js';
import type { GoalNotesRepository } from '../../store/repositories/goal-notes.js';
import type { Tx } from '../../store/store.js';
import type { ActiveTurn } from '../active-turn.js';

/** Whose run it is. */
export interface RunOwner {
  readonly threadId: string;
  readonly goalId: string;
  readonly revision: number;
  /** null: a user asked for it. */
  readonly turn: ActiveTurn | null;
  readonly actor: Actor;
}

export interface EndedRun {
  readonly runId: string;
  readonly status: 'passed' | 'failed' | 'void';
  readonly results: readonly VerificationResult[];
  readonly reason?: string | null;
  readonly artifacts?: RunArtifacts | null;
}

/** Writes verification runs down: rows, events, and what is a sign of progress. */
export class RunRecords {
  readonly #notes: GoalNotesRepository;

  constructor(notes: GoalNotesRepository) {
    this.#notes = notes;
  }

  /** Answers the run's id. */
  begin(
    tx: Tx,
    owner: RunOwner,
    run: {
      runId?: string;
      treeId: string;
      commands: readonly VerificationCommand[];
      evidence: readonly Evidence[];
    },
  ): string {
    const runId = run.runId ?? uuid();
    const { threadId, goalId, turn } = owner;
    const evidence = run.evidence.map((entry) => ({ ...entry, runId, treeId: run.treeId }));
    this.#notes.addRun({
      id: runId,
      goal_id: goalId,
      thread_id: threadId,
      turn_id: turn?.turnId ?? null,
      status: 'running',
      tree_id: run.treeId,
      results_json: '[]',
      requested_by: turn === null ? 'user' : 'proposal',
      reason: null,
      evidence_json: JSON.stringify(evidence),
      artifacts_json: null,
      started_at_ms: tx.nowMs,
      completed_at_ms: null,
    });
    this.#emit(tx, owner, 'verification.started', {
      runId,
      treeId: run.treeId,
      commands: run.commands.map((command) => command.name),
      evidence,
    });
    return runId;
  }

  end(tx: Tx, owner: RunOwner, run: EndedRun): void {
    const { runId, status, results } = run;
    const [reason, artifacts] = [run.reason ?? null, run.artifacts ?? null];
    this.#notes.updateRun(runId, {
      status,
      reason,
      results_json: JSON.stringify(results),
      artifacts_json: artifacts === null ? null : JSON.stringify(artifacts),
      completed_at_ms: tx.nowMs,
    });
    if (owner.turn !== null) this.#signs(tx, owner.goalId, owner.turn, results);
    const flaky = flakyNames(results);
    this.#emit(tx, owner, 'verification.finished', {
      runId,
      status,
      reason,
      results,
      flaky,
      artifacts,
    });
  }

  #signs(tx: Tx, goalId: string, turn: ActiveTurn, results: readonly VerificationResult[]): void {
    for (const result of results) {
      const key = result.exitCode === 0 ? '' : stableDigest(result.digest);
      const name = sign.verification(result, key);
      if (this.#notes.addSign(goalId, name, turn.turnId, tx.nowMs)) turn.markProgress();
    }
  }

  #emit(
    tx: Tx,
    owner: RunOwner,
    type: 'verification.started' | 'verification.finished',
    data: Readonly<Record<string, unknown>>,
  ): void {
    const { threadId, goalId, revision, turn, actor } = owner;
    tx.emit({
      type,
      threadId,
      goalId,
      turnId: turn?.turnId ?? null,
      revision,
      data: { ...data, requestedBy: turn === null ? 'user' : 'proposal', origin: actor },
    });
  }
}

/** The owner of a run that a proposal of this turn leads to. */
export function gateOwner(turn: ActiveTurn, goal: { goal_id: string; revision: number }): RunOwner {
  return {
    threadId: turn.threadId,
    goalId: goal.goal_id,
    revision: goal.revision,
    turn,
    actor: RUNTIME_ACTOR,
  };
}

/** Commands that failed before they passed. */
export function flakyNames(results: readonly VerificationResult[]): string[] {
  return results.filter((result) => result.flaky === true).map((result) => result.name);
}

type RunRow = NonNullable<ReturnType<GoalNotesRepository['run']>>;

/** A run as clients see it. */
export function toRun(row: RunRow): VerificationRun {
  const results = JSON.parse(row.results_json) as VerificationResult[];
  return {
    runId: row.id,
    goalId: row.goal_id,
    turnId: row.turn_id,
    requestedBy: row.requested_by,
    status: row.status,
    reason: row.reason,
    treeId: row.tree_id,
    results,
    flaky: flakyNames(results),
    evidence: JSON.parse(row.evidence_json) as Evidence[],
    artifacts:
      row.artifacts_json === null ? null : (JSON.parse(row.artifacts_json) as RunArtifacts),
    startedAtMs: row.started_at_ms,
    completedAtMs: row.completed_at_ms,
  };
}
