import type { Config, Evidence, Refusal, VerificationResult } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { GoalWriter } from '../../goals/goal-writer.js';
import type { GoalNotesRepository } from '../../store/repositories/goal-notes.js';
import type { GoalRow } from '../../store/repositories/goals.js';
import type { Tx } from '../../store/store.js';
import { moveByRuntime } from '../goal-moves.js';
import { ending } from './verdict-text.js';

const MOST_PROOF_CHARS = 300;
const MOST_DIGEST_CHARS = 1500;
/** It is part of the goal, which every client is told. */
const MOST_DETAIL_CHARS = 16_000;

export interface NewRefusal {
  readonly turnId: string;
  readonly runId: string | null;
  readonly cause: Refusal['cause'];
  readonly evidence: readonly Evidence[];
  readonly results: readonly VerificationResult[];
  /** What the model is told. */
  readonly text: string;
}

export interface RefusalOptions {
  readonly notes: GoalNotesRepository;
  readonly goals: GoalWriter;
  readonly config: () => Config;
}

type Row = ReturnType<GoalNotesRepository['refusals']>[number];

/** Counts refused proposals; the last one a goal may have stops it for a person. */
export class Refusals {
  readonly #options: RefusalOptions;

  constructor(options: RefusalOptions) {
    this.#options = options;
  }

  /** Writes a refusal down. Answers what the model reads, and whether the goal was blocked by it. */
  refuse(tx: Tx, goal: GoalRow, refusal: NewRefusal): { text: string; blocked: boolean } {
    const { notes, goals, config } = this.#options;
    const { turnId, runId, cause, evidence } = refusal;
    notes.addRefusal({
      id: uuid(),
      goal_id: goal.goal_id,
      turn_id: turnId,
      run_id: runId,
      cause,
      evidence_json: JSON.stringify(evidence),
      at_ms: tx.nowMs,
    });
    const most = config().verification.maxRefusals;
    const row = goals.note(tx, goal, { refused: goal.refused + 1 }, null);
    const count = `Refused ${String(row.refused)} of ${String(most)} times`;
    if (row.refused < most) {
      return {
        text: `${refusal.text}\n\n${count}; the last one stops the goal.`,
        blocked: false,
      };
    }
    const counted = notes.refusals(goal.goal_id).slice(-row.refused);
    moveByRuntime(goals, tx, row, 'stopped', {
      code: 'verificationExhausted',
      message: `Stopped after ${String(row.refused)} refused proposals of completion.`,
      detail: detailOf(counted, refusal),
      turnId,
    });
    return { text: `${refusal.text}\n\n${count}: the goal is blocked.`, blocked: true };
  }
}

/** Refusals of a goal, oldest first, as clients see them; the last `counted` count. */
export function toRefusals(rows: readonly Row[], counted: number): Refusal[] {
  return rows.map((row, index) => toRefusal(row, index >= rows.length - counted));
}

function toRefusal(row: Row, counts: boolean): Refusal {
  return {
    turnId: row.turn_id,
    runId: row.run_id,
    cause: row.cause,
    evidence: JSON.parse(row.evidence_json) as Evidence[],
    counts,
    atMs: row.at_ms,
  };
}

const CAUSES: Readonly<Record<Refusal['cause'], string>> = {
  failed: 'verification failed',
  void: 'files changed while the commands ran',
  evidence: 'a requirement had no evidence',
};

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}

/** All that was proposed, and how the last checks failed. */
function detailOf(rows: readonly Row[], last: NewRefusal): string {
  const proposals = rows.map((row, index) => {
    const { cause, evidence } = toRefusal(row, true);
    const claims = evidence.map(
      ({ criterion, proof }) =>
        `   ${cut(criterion, MOST_PROOF_CHARS)}: ${cut(proof, MOST_PROOF_CHARS)}`,
    );
    return [`${String(index + 1)}. ${CAUSES[cause]}`, ...claims].join('\n');
  });
  const failed = last.results
    .filter((result) => result.exitCode !== 0)
    .map(
      (result) =>
        `${result.name}: ${ending(result)}\n${cut(result.digest.trim(), MOST_DIGEST_CHARS)}`,
    );
  const text = [
    'Proposed, with this evidence:',
    ...proposals,
    ...(failed.length === 0 ? [last.text] : ['Last results:', ...failed]),
  ].join('\n');
  return cut(text, MOST_DETAIL_CHARS);
}
