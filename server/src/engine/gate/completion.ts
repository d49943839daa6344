import type { Evidence, VerificationResult } from '@goald/protocol';
import type { GoalWriter } from '../../goals/goal-writer.js';
import type { GoalRow } from '../../store/repositories/goals.js';
import type { Tx } from '../../store/store.js';
import { moveByRuntime } from '../goal-moves.js';
import { flakyNames } from './run-records.js';

export interface Proven {
  readonly evidence: readonly Evidence[];
  readonly turnId: string;
}

/** Every command passed. What was flaky, and what of the checks the goal changed itself, is said with it. */
export function completeVerified(
  goals: GoalWriter,
  tx: Tx,
  row: GoalRow,
  proven: Proven & {
    readonly results: readonly VerificationResult[];
    readonly changedChecks: readonly string[];
  },
): void {
  const { results, evidence, changedChecks, turnId } = proven;
  const flaky = flakyNames(results);
  const notes = [
    ...(flaky.length === 0 ? [] : [`flaky: ${flaky.join(', ')}`]),
    ...(changedChecks.length === 0
      ? []
      : [`checks changed by this goal: ${changedChecks.join(', ')}`]),
  ];
  moveByRuntime(
    goals,
    tx,
    row,
    'gatePassed',
    {
      code: 'completed',
      message: `Verified complete: ${results.map((result) => result.name).join(', ')} passed.`,
      detail: notes.length === 0 ? null : notes.join('; '),
      turnId,
      data: { changedChecks, flaky },
    },
    {
      evidence_json: JSON.stringify(evidence),
      changed_checks_json: JSON.stringify(changedChecks),
    },
  );
}

/** There was nothing to prove completion by. */
export function completeUnverified(
  goals: GoalWriter,
  tx: Tx,
  row: GoalRow,
  { evidence, turnId }: Proven,
): void {
  moveByRuntime(
    goals,
    tx,
    row,
    'gatePassed',
    {
      code: 'completed',
      message: 'Complete by the model’s evidence; the goal has no verification commands.',
      turnId,
    },
    { evidence_json: JSON.stringify(evidence), verified: 0 },
  );
}
