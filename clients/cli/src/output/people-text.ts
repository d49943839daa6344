import type { Blocker, Proposal } from '@goald/protocol';
import type { Paint } from '../terminal/terminal.js';
import { shortId } from './format.js';
import { oneLine } from './text.js';

const INDENT = ' '.repeat(12);

/** Blockers for people: what, what is asked, what was answered. */
export function blockerLines(blockers: readonly Blocker[], paint: Paint): readonly string[] {
  return blockers.flatMap((blocker) => {
    const { blockerId, severity, summary, question, resolved, answer } = blocker;
    const kind = severity === 'finding' ? 'finding' : 'blocks the goal';
    const state = resolved ? paint.dim('resolved') : paint.yellow(`open, ${kind}`);
    return [
      `  ${paint.dim(shortId(blockerId))}  ${state}  ${oneLine(summary)}`,
      ...(question === null ? [] : [`${INDENT}asks: ${oneLine(question)}`]),
      ...(answer === null ? [] : [`${INDENT}${paint.dim(`answered: ${oneLine(answer)}`)}`]),
    ];
  });
}

/** Proposed objectives for people. */
export function proposalLines(proposals: readonly Proposal[], paint: Paint): readonly string[] {
  return proposals.flatMap(({ proposalId, decision, objective, reason }) => [
    `  ${paint.dim(shortId(proposalId))}  ${decision === 'pending' ? paint.yellow(decision) : paint.dim(decision)}  ${oneLine(objective)}`,
    ...(reason === null ? [] : [`${INDENT}${paint.dim(`because: ${oneLine(reason)}`)}`]),
  ]);
}
