import { requests } from '@goald/protocol';
import { goalsOfFolders, listGoals, type GoalFilter, type ListedGoal } from './list-goals.js';
import type { Requester } from './requester.js';

export interface Overview {
  readonly here: readonly ListedGoal[];
  readonly elsewhere: readonly ListedGoal[];
}

const HERE = 5;
const ELSEWHERE = 5;
/** As many goals as most people have: then one question answers all. */
const AT_ONCE = 50;

type List = (filter: GoalFilter, limit: number) => Promise<ListedGoal[]>;

/** The goals of a folder, and what else is active or was changed last. */
export async function readOverview(client: Requester, cwd: string): Promise<Overview> {
  const list = await listOf(client);
  const [here, active, recent] = await Promise.all([
    goalsOfFolders((filter) => list(filter, HERE), cwd, HERE),
    list({ status: 'active' }, ELSEWHERE * 4),
    list({}, ELSEWHERE * 2),
  ]);
  const shown = new Set(here.map((goal) => goal.goalId));
  const elsewhere: ListedGoal[] = [];
  for (const goal of [...active, ...recent]) {
    if (shown.has(goal.goalId) || (goal.status !== 'active' && elsewhere.length >= ELSEWHERE)) {
      continue;
    }
    shown.add(goal.goalId);
    elsewhere.push(goal);
  }
  return { here, elsewhere };
}

/** Lists from what the first page holds where that is all there is; else each list is asked for. */
async function listOf(client: Requester): Promise<List> {
  const { data, nextCursor } = await client.request(requests.goalList, { limit: AT_ONCE });
  if (nextCursor !== null) return (filter, limit) => listGoals(client, filter, limit);
  return ({ cwd, status }, limit) => {
    const passing = data.filter(
      (goal) =>
        (cwd === undefined || goal.cwd === cwd) &&
        (status === undefined || [status].flat().includes(goal.status)),
    );
    return Promise.resolve(passing.slice(0, limit));
  };
}
