import type { VerificationResult } from '@goald/protocol';

const MOST_PATHS = 10;

export const USER_SPOKE =
  'Not completed: the user spoke in the meantime. Read that first, then propose completion again if it still holds.';
export const GOAL_CHANGED =
  'Verification is void: the goal changed while the commands ran. Read it again with get_goal and go on from what it says now.';

/** How a command ended, in a few words. */
export function ending(result: VerificationResult): string {
  if (result.attempts === 0) return 'not run';
  const tries = result.attempts ?? 1;
  const how = result.timedOut
    ? 'timed out'
    : result.exitCode === null
      ? `ended by ${result.signal ?? 'a signal'}`
      : `exit code ${String(result.exitCode)}`;
  return tries > 1 ? `${how}, ${String(tries)} tries` : how;
}

function part(result: VerificationResult): string {
  return `${result.name} (${result.command}): ${ending(result)}\n${result.digest}`;
}

const isFailed = (result: VerificationResult): boolean => result.exitCode !== 0;

/** What the model reads when commands failed. */
export function failureText(results: readonly VerificationResult[]): string {
  const failed = results.filter(isFailed);
  return [
    `Completion refused: ${String(failed.length)} of ${String(results.length)} verification commands failed. The goal stays active.`,
    ...failed.map(part),
  ].join('\n\n');
}

/** What the model reads when files changed while the commands ran, twice. */
export function voidText(
  changed: readonly string[],
  results: readonly VerificationResult[],
): string {
  const named = changed.slice(0, MOST_PATHS).join(', ');
  const more = changed.length - MOST_PATHS;
  const which =
    changed.length === 0 ? '' : ` (${named}${more > 0 ? ` and ${String(more)} more` : ''})`;
  return [
    `Verification is void: files changed while the commands ran${which}, twice. Either something else writes to this folder, or the commands leave output that git does not ignore: add that to .gitignore, then propose completion again.`,
    ...results.filter(isFailed).map(part),
  ].join('\n\n');
}

/** What the model reads when requirements have no evidence. */
export function missingText(missing: readonly string[]): string {
  return [
    `Completion refused: ${missing.length === 1 ? 'a requirement has' : `${String(missing.length)} requirements have`} no evidence:`,
    ...missing.map((requirement) => `- ${requirement}`),
    'Give one {criterion, proof} for each, with the requirement’s own words as criterion, when it is done. The verification was not run.',
  ].join('\n');
}
