import { processTable } from './process-table.js';
import { hasVariable } from './process-tree.js';

/** Processes that commands of a home have started and that are still there, by their tag. Empty where the system does not tell. */
export function listProcesses(homeId: string): readonly number[] {
  const table = processTable();
  return table
    .list()
    .filter((entry) => !entry.isZombie && entry.pid !== process.pid)
    .map(({ pid }) => pid)
    .filter((pid) => hasVariable(table.environment(pid), 'GOALD_OWNER', homeId));
}
