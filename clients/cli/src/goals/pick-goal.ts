import type { GoaldClient } from '@goald/client';
import { CommandError } from '../failures.js';
import { shortId } from '../output/format.js';
import { oneLine, truncate } from '../output/text.js';
import { listFolderGoals, listGoals, type ListedGoal } from './list-goals.js';

const ALL = 10_000;
const CANDIDATES = 8;

/**
 * The goal a command is about: the one `ref` names (a thread or goal id, or the start or end of one), else the newest of this folder that
 * is not complete, or with `complete: 'too'` the newest at all. Throws CommandError that lists the candidates.
 */
export async function pickGoal(
  client: GoaldClient,
  options: { ref: string | undefined; cwd: string; complete: 'never' | 'too' },
): Promise<ListedGoal> {
  const { ref, cwd, complete } = options;
  if (ref !== undefined) return named(await listGoals(client, {}, ALL), ref);
  const here = await listFolderGoals(client, cwd, ALL);
  const open = here.find((goal) => goal.status !== 'complete');
  const picked = open ?? (complete === 'too' ? here[0] : undefined);
  if (picked !== undefined) return picked;
  const others = await listGoals(client, {}, CANDIDATES);
  throw new CommandError(
    others.length === 0
      ? 'There is no goal yet. Set one: goal run "<objective>"'
      : `No ${complete === 'too' ? '' : 'unfinished '}goal in this folder. Name one by its thread:\n${candidates(others)}`,
  );
}

/** Whether a word can only be an id, or the end of one as goal prints them: eight or more digits of a hexadecimal number. */
export function looksLikeId(word: string): boolean {
  return /^[\da-f-]{8,36}$/u.test(word) && /\d/u.test(word);
}

function named(goals: readonly ListedGoal[], ref: string): ListedGoal {
  const exact = goals.find(({ threadId, goalId }) => threadId === ref || goalId === ref);
  if (exact !== undefined) return exact;
  const matches = goals.filter(({ threadId, goalId }) =>
    [threadId, goalId].some((id) => id.startsWith(ref) || id.endsWith(ref)),
  );
  const [first] = matches;
  if (first === undefined)
    throw new CommandError(`No goal has the thread "${ref}". See: goal list`);
  if (new Set(matches.map(({ threadId }) => threadId)).size === 1) return first;
  throw new CommandError(
    `"${ref}" names several goals; write more of the id:\n${candidates(matches.slice(0, CANDIDATES))}`,
  );
}

function candidates(goals: readonly ListedGoal[]): string {
  return goals
    .map(
      (goal) =>
        `  ${shortId(goal.threadId)}  ${goal.status.padEnd(13)}  ${truncate(oneLine(goal.objective), 60)}  (${oneLine(goal.cwd)})`,
    )
    .join('\n');
}
