import { type GoalStatus, requests, type ResultOf } from '@goald/protocol';
import { foldersUpToRoot } from './folders.js';
import type { Requester } from './requester.js';

export type ListedGoal = ResultOf<typeof requests.goalList>['data'][number];

interface Filter {
  readonly status?: GoalStatus | GoalStatus[] | undefined;
  readonly cwd?: string | undefined;
}

const PAGE = 200;

/** Goals that pass the filter, last changed first, at most `limit`. */
export async function listGoals(
  client: Requester,
  filter: Filter,
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
export async function listFolderGoals(
  client: Requester,
  cwd: string,
  limit: number,
): Promise<ListedGoal[]> {
  const folders = foldersUpToRoot(cwd);
  const lists = await Promise.all(
    folders.map((folder) => listGoals(client, { cwd: folder }, limit)),
  );
  return lists
    .flat()
    .sort((a, b) => b.updatedAt - a.updatedAt || b.goalId.localeCompare(a.goalId))
    .slice(0, limit);
}
