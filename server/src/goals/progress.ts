import type { VerificationResult } from '@goald/protocol';

/** Names of the signs by which the runtime, not the model, tells that something moved. */
export const sign = {
  tree: (treeId: string): string => `tree:${treeId}`,
  verification: (
    result: Pick<VerificationResult, 'name' | 'exitCode' | 'timedOut'>,
    digestKey: string,
  ): string =>
    `verification:${result.name}:${result.timedOut ? 'timeout' : String(result.exitCode)}:${digestKey}`,
  planStep: (step: string): string => `plan:${step}`,
  finding: (summary: string): string => `finding:${summary}`,
  answer: (blockerId: string): string => `answer:${blockerId}`,
  /** Waits of about the same length are the same, so that no model gets turns by waiting a little longer each time. */
  waitTime: (lengthMs: number): string =>
    `wait:time:${String(Math.floor(Math.log2(Math.max(1, lengthMs / 1000)) / 2))}`,
  waitProcess: (command: string): string => `wait:process:${command}`,
  waitPath: (path: string): string => `wait:path:${path}`,
  userInput: (itemId: string): string => `input:${itemId}`,
} as const;

/** A failing output without what changes from run to run: durations, timestamps, hex addresses. */
export function stableDigest(digest: string): string {
  return digest
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z?/g, '<time>')
    .replaceAll(/\b\d+(\.\d+)?\s?(ms|s|µs|ns|seconds?|milliseconds?)\b/g, '<duration>')
    .replaceAll(/0x[0-9a-f]+/gi, '<address>')
    .replaceAll(/(duration_ms|duration|time)(["':=\s]+)[\d.]+/gi, '$1$2<duration>');
}

export interface ProgressRules {
  /** Delay before the next turn after 1, 2 … turns without progress. */
  readonly delaysMs: readonly number[];
  /** So many in a row stop the goal. */
  readonly turns: number;
}

export type ProgressVerdict =
  | { readonly kind: 'go'; readonly idleTurns: 0 }
  | { readonly kind: 'slow'; readonly idleTurns: number; readonly delayMs: number }
  | { readonly kind: 'stop'; readonly idleTurns: number };

/** What follows from a turn: the next at once, the next later with a notice, or none. */
export function judgeTurn(
  turn: { readonly progressed: boolean; readonly idleTurnsBefore: number },
  rules: ProgressRules,
): ProgressVerdict {
  if (turn.progressed) return { kind: 'go', idleTurns: 0 };
  const idleTurns = turn.idleTurnsBefore + 1;
  if (idleTurns >= rules.turns) return { kind: 'stop', idleTurns };
  const delayMs = rules.delaysMs[Math.min(idleTurns, rules.delaysMs.length) - 1] ?? 0;
  return { kind: 'slow', idleTurns, delayMs };
}
