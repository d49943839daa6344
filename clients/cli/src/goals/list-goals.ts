import { type GoalStatus, requests, type ResultOf } from '@goald/protocol';
import { foldersUpToRoot } from './folders.js';
import type { Requester } from './requester.js';

export type ListedGoal = ResultOf<typeof requests.goalList>['data'][number];

export interface GoalFilter {
  readonly status?: GoalStatus | GoalStatus[] | undefined;
  readonly cwd?: string | undefined;
}

const PAGE = 200;

/** Goals that pass the filter, last changed first, at most `limit`. */
export async function listGoals(
  client: Requester,
  filter: GoalFilter,
  limit: number,
): Promise<ListedGoal[]> {
  const found: ListedGoal[] = [];
  let cursor: string | null = null;
  do {
    const page: ResultOf<typeof requests.goalList> = await client.request(requests.goalList, {
      ...filter,
      cursor,
      limit: Math.min(PAGE, limit - found.length),
    });
    found.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null && found.length < limit);
  return found;
}

/** Goals of the folder and of those above it up to the git root, last changed first. */
export function listFolderGoals(
  client: Requester,
  cwd: string,
  limit: number,
): Promise<ListedGoal[]> {
  return goalsOfFolders((filter) => listGoals(client, filter, limit), cwd, limit);
}

/** The same from `list`, which answers goals that pass a filter, last changed first. */
export async function goalsOfFolders(
  list: (filter: GoalFilter) => Promise<ListedGoal[]>,
  cwd: string,
  limit: number,
): Promise<ListedGoal[]> {
  const lists = await Promise.all(foldersUpToRoot(cwd).map((folder) => list({ cwd: folder })));
  return (
    lists
      .flat()
      // Not by localeCompare: the first comparison of a process loads the tables of all languages, which takes milliseconds.
      .sort((a, b) => b.updatedAt - a.updatedAt || (a.goalId < b.goalId ? 1 : -1))
      .slice(0, limit)
  );
}
