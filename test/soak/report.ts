import { describeMachine } from '../bench/support/machine.js';
import { fairnessOf } from './fairness.js';
import { bytesPerGoal } from './heap.js';
import { FAILURES } from './plan.js';
import type { Soaked } from './soak.js';

type Line = readonly [what: string, value: string];

const MB = 1_048_576;

/** What a run showed, one line each. */
export function resultLines(soaked: Soaked): Line[] {
  const { size, ended, stuck, requests, failures, heap, visits, seconds, bill } = soaked;
  const { waits, spread } = fairnessOf(soaked.database);
  const kinds = [...failures].map(([kind, count]) => `${kind} × ${String(count)}`).toSorted();
  const count = (status: string): string =>
    String(ended.filter(({ goal }) => goal.status === status).length);
  const turns = ended.reduce((sum, { goal }) => sum + goal.turnsUsed, 0);
  return [
    ['seed', String(size.seed)],
    ['time', `${seconds.toFixed(1)} s`],
    ['goals at their end', `${count('complete')} complete, ${count('blocked')} blocked`],
    ['goals stuck', String(stuck.length)],
    ['active at a time', `${String(size.active)}, ${String(size.concurrentTurns)} turns at once`],
    ['turns that count', `${String(turns)} (${(turns / seconds).toFixed(1)} a second)`],
    ['model requests', `${String(requests)}, of which ${String(FAILURES * 100)} % fail`],
    ['failures', kinds.join(', ')],
    ['responses billed', String(bill.lines.length)],
    ['visits of clients', `${String(visits)} by ${String(size.followers + size.guests)} clients`],
    ['most turns of one goal while another waited', `${String(spread)} (${String(waits)} waits)`],
    [
      'heap after collection',
      someOf(heap)
        .map(({ goals, heapBytes }) => `${String(goals)}: ${mb(heapBytes)}`)
        .join(', '),
    ],
    ['heap for each goal that ended', `${(bytesPerGoal(heap) / 1024).toFixed(2)} kB`],
  ];
}

/** The first, the last and some between. */
function someOf<T>(all: readonly T[]): T[] {
  const step = Math.max(1, (all.length - 1) / 5);
  const kept = Array.from({ length: 6 }, (_, index) => Math.round(index * step));
  return all.filter((_, index) => kept.includes(index));
}

function mb(bytes: number): string {
  return `${(bytes / MB).toFixed(1)} MB`;
}

export function textTable(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([what]) => what.length));
  return lines.map(([what, value]) => `${what.padEnd(width)}  ${value}\n`).join('');
}

/** The page in docs/measurements. */
export async function markdownPage(lines: readonly Line[]): Promise<string> {
  const machine = await describeMachine();
  const rows = lines.map(([what, value]) => `| ${what} | ${value} |`).join('\n');
  return `# Soak

Many goals through one daemon, under a model that fails now and then and clients that come and go: \`npm run test:soak -- --write\`.

| what | result |
| --- | --- |
${rows}

Measured at commit ${machine.commit}${machine.changed ? ' with changes' : ''} on ${String(machine.cores)} cores (${machine.processor}), ${machine.platform}, Node ${machine.node}.
`;
}
