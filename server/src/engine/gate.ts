import type { Evidence, VerificationCommand, VerificationResult } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import { definitionOf } from '../goals/goal-record.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import { sign, stableDigest } from '../goals/progress.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { ActiveTurn } from './active-turn.js';
import { moveByRuntime } from './goal-moves.js';
import type { CommandRunner } from './ports/commands.js';
import type { Failpoints } from './ports/failpoints.js';
import type { Workspace } from './ports/workspace.js';
import type { TurnStore } from './turn-store.js';
import { digestOf } from './verification-digest.js';

export interface GateOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly workspace: Workspace;
  readonly commands: CommandRunner;
  /** Absolute folder for the whole output of the commands. */
  readonly outputDir: string;
  readonly failpoint: Failpoints;
}

export interface GateVerdict {
  readonly passed: boolean;
  /** What the model is told. */
  readonly text: string;
}

interface EndedRun {
  readonly runId: string;
  readonly status: 'passed' | 'failed' | 'void';
  readonly results: VerificationResult[];
}

const USER_SPOKE =
  'Not completed: the user spoke in the meantime. Read that first, then propose completion again if it still holds.';

/** A run whose files changed while it ran says nothing; once more may, when it was the commands' own output. */
const MOST_RUNS = 2;

/**
 * The verification gate: the daemon runs the goal's commands itself, on the tree as it stands, and completes the goal only when all exit 0
 * and goal and tree are still the ones it began with.
 */
export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Throws the turn's stop reason. */
  async run(turn: ActiveTurn, goal: GoalRow, evidence: readonly Evidence[]): Promise<GateVerdict> {
    const { verification } = definitionOf(goal);
    if (verification.length === 0) return this.#completeUnverified(turn, goal, evidence);
    await this.#enter(turn, goal);
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(turn, goal, verification, evidence);
      if (outcome.kind !== 'treeChanged') return outcome.verdict;
      if (attempt === MOST_RUNS) {
        return {
          passed: false,
          text: 'Verification is void: files changed while the commands ran, twice. Either something else writes to this folder, or the commands leave output that git does not ignore: add that to .gitignore, then propose completion again.',
        };
      }
    }
  }

  async #enter(turn: ActiveTurn, goal: GoalRow): Promise<void> {
    const { store, goals } = this.#options;
    await store.writeWhenPossible(turn, (tx) => {
      const row = store.repositories.goals.find(goal.goal_id);
      if (row?.status !== 'active') return;
      goals.note(
        tx,
        row,
        { phase: 'verifying' },
        { type: 'goal.phaseChanged', turnId: turn.turnId, data: { phase: 'verifying' } },
      );
    });
  }

  async #attempt(
    turn: ActiveTurn,
    goal: GoalRow,
    verification: readonly VerificationCommand[],
    evidence: readonly Evidence[],
  ): Promise<{ kind: 'treeChanged' } | { kind: 'decided'; verdict: GateVerdict }> {
    const { workspace, store, failpoint } = this.#options;
    const treeId = await workspace.treeId(turn.cwd);
    const runId = await this.#begin(turn, goal, treeId, verification);
    failpoint('gate.started');
    const results: VerificationResult[] = [];
    let treeAfter: string;
    try {
      for (const command of verification) {
        results.push(await this.#runOne(turn, runId, command, results.length));
        turn.signal.throwIfAborted();
      }
      failpoint('gate.beforeDecision');
      treeAfter = await workspace.treeId(turn.cwd);
      turn.signal.throwIfAborted();
    } catch (error) {
      if (store.holds(turn)) this.#endNow(turn, goal, { runId, status: 'void', results });
      throw error;
    }
    const failed = results.filter((result) => result.exitCode !== 0);
    if (failed.length > 0) {
      await this.#end(turn, goal, { runId, status: 'failed', results });
      return { kind: 'decided', verdict: { passed: false, text: failureText(failed, results) } };
    }
    if (treeAfter !== treeId) {
      await this.#end(turn, goal, { runId, status: 'void', results });
      return { kind: 'treeChanged' };
    }
    return {
      kind: 'decided',
      verdict: await this.#complete(turn, goal, { runId, results, evidence }),
    };
  }

  async #runOne(
    turn: ActiveTurn,
    runId: string,
    command: VerificationCommand,
    index: number,
  ): Promise<VerificationResult> {
    const result = await this.#options.commands.run({
      command: command.command,
      cwd: turn.cwd,
      turnId: turn.turnId,
      timeoutMs: command.timeoutSeconds * 1000,
      signal: turn.signal,
      outputFile: `${this.#options.outputDir}/verification-${runId}-${String(index)}.txt`,
    });
    return {
      name: command.name,
      command: command.command,
      exitCode: result.timedOut || result.aborted ? null : result.exitCode,
      timedOut: result.timedOut,
      durationMs: result.durationMs,
      digest: digestOf(result.output),
    };
  }

  async #begin(
    turn: ActiveTurn,
    goal: GoalRow,
    treeId: string,
    verification: readonly VerificationCommand[],
  ): Promise<string> {
    const { store } = this.#options;
    const runId = uuid();
    await store.writeWhenPossible(turn, (tx) => {
      store.repositories.notes.addRun({
        id: runId,
        goal_id: goal.goal_id,
        thread_id: turn.threadId,
        turn_id: turn.turnId,
        status: 'running',
        tree_id: treeId,
        results_json: '[]',
        started_at_ms: tx.nowMs,
        completed_at_ms: null,
      });
      tx.emit({
        type: 'verification.started',
        threadId: turn.threadId,
        goalId: goal.goal_id,
        turnId: turn.turnId,
        revision: goal.revision,
        data: { runId, treeId, commands: verification.map((command) => command.name) },
      });
    });
    return runId;
  }

  async #end(turn: ActiveTurn, goal: GoalRow, run: EndedRun): Promise<void> {
    const { store } = this.#options;
    await store.writeWhenPossible(turn, (tx) => {
      this.#record(tx, turn, goal, run);
    });
  }

  /** For a turn that was stopped. A run that cannot be ended now is void after the next start. */
  #endNow(turn: ActiveTurn, goal: GoalRow, run: EndedRun): void {
    const { store } = this.#options;
    store.write(turn, (tx) => {
      this.#record(tx, turn, goal, run);
    });
  }

  /** Ends the run and completes the goal in one transaction, if it is still the goal that was verified. */
  async #complete(
    turn: ActiveTurn,
    goal: GoalRow,
    run: { runId: string; results: VerificationResult[]; evidence: readonly Evidence[] },
  ): Promise<GateVerdict> {
    const { store, goals } = this.#options;
    return store.writeWhenPossible(turn, (tx) => {
      const row = store.repositories.goals.find(goal.goal_id);
      if (turn.hasUnseenInput) {
        this.#record(tx, turn, goal, { ...run, status: 'void' });
        return { passed: false, text: USER_SPOKE };
      }
      if (row?.status !== 'active' || row.revision !== goal.revision) {
        this.#record(tx, turn, goal, { ...run, status: 'void' });
        return {
          passed: false,
          text: 'Verification is void: the goal changed while the commands ran. Read it again with get_goal and go on from what it says now.',
        };
      }
      this.#record(tx, turn, goal, { ...run, status: 'passed' });
      moveByRuntime(
        goals,
        tx,
        row,
        'gatePassed',
        {
          code: 'completed',
          message: `Verified complete: ${run.results.map((result) => result.name).join(', ')} passed.`,
          turnId: turn.turnId,
        },
        { evidence_json: JSON.stringify(run.evidence) },
      );
      return { passed: true, text: 'Verified. The goal is complete.' };
    });
  }

  /** Without commands there is nothing to prove completion by: the goal completes, and says that it is not verified. */
  async #completeUnverified(
    turn: ActiveTurn,
    goal: GoalRow,
    evidence: readonly Evidence[],
  ): Promise<GateVerdict> {
    const { store, goals } = this.#options;
    return store.writeWhenPossible(turn, (tx) => {
      const row = store.repositories.goals.find(goal.goal_id);
      if (turn.hasUnseenInput) return { passed: false, text: USER_SPOKE };
      if (row?.status !== 'active' || row.revision !== goal.revision) {
        return { passed: false, text: 'The goal changed. Read it again with get_goal.' };
      }
      moveByRuntime(
        goals,
        tx,
        row,
        'gatePassed',
        {
          code: 'completed',
          message: 'Complete by the model’s evidence; the goal has no verification commands.',
          turnId: turn.turnId,
        },
        { evidence_json: JSON.stringify(evidence), verified: 0 },
      );
      return { passed: true, text: 'The goal is complete.' };
    });
  }

  #record(
    tx: Parameters<Parameters<TurnStore['write']>[1]>[0],
    turn: ActiveTurn,
    goal: GoalRow,
    run: EndedRun,
  ): void {
    const { notes } = this.#options.store.repositories;
    notes.updateRun(run.runId, {
      status: run.status,
      results_json: JSON.stringify(run.results),
      completed_at_ms: tx.nowMs,
    });
    for (const result of run.results) {
      const name = sign.verification(
        result,
        result.exitCode === 0 ? '' : stableDigest(result.digest),
      );
      if (notes.addSign(goal.goal_id, name, turn.turnId, tx.nowMs)) turn.markProgress();
    }
    tx.emit({
      type: 'verification.finished',
      threadId: turn.threadId,
      goalId: goal.goal_id,
      turnId: turn.turnId,
      revision: goal.revision,
      data: { runId: run.runId, status: run.status, results: run.results },
    });
  }
}

function failureText(
  failed: readonly VerificationResult[],
  all: readonly VerificationResult[],
): string {
  const parts = failed.map((result) => {
    const how = result.timedOut ? 'timed out' : `exit code ${String(result.exitCode ?? 'none')}`;
    return `${result.name} (${result.command}): ${how}\n${result.digest}`;
  });
  return [
    `Completion refused: ${String(failed.length)} of ${String(all.length)} verification commands failed. The goal stays active.`,
    ...parts,
  ].join('\n\n');
}
