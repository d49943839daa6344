import { listFolderGoals, listGoals, type ListedGoal } from './list-goals.js';
import type { Requester } from './requester.js';

export interface Overview {
  readonly here: readonly ListedGoal[];
  readonly elsewhere: readonly ListedGoal[];
}

const HERE = 5;
const ELSEWHERE = 5;

/** The goals of a folder, and what else is active or was changed last. */
export async function readOverview(client: Requester, cwd: string): Promise<Overview> {
  const [here, active, recent] = await Promise.all([
    listFolderGoals(client, cwd, HERE),
    listGoals(client, { status: 'active' }, ELSEWHERE * 4),
    listGoals(client, {}, ELSEWHERE * 2),
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
