import { describe, expect, it, beforeAll, afterAll } from 'vitest';
import { WIRE_APIS, type ConfigInput, type WireApi } from '@goald/protocol';
import type { Script } from '../../../helpers/model-server/index.js';
import { FaultWorld, type FaultRun } from './fault-world.js';
import { faultRows, type FaultRow } from './table.js';

/** A row of the table made to happen. What it must lead to stands in the table itself. */
export interface FaultCase {
  /** The model; it fails as the row says, and where the goal goes on it then completes it. A new one for each run. */
  readonly script: () => Script;
  /** How many of the first requests are the faulty ones; default 1. */
  readonly faulty?: number;
  /** Before the goal is set. */
  readonly before?: (world: FaultWorld) => Promise<void>;
  /** Helps the goal on, or looks at it, while it is active. */
  readonly whileActive?: (world: FaultWorld, threadId: string) => Promise<void>;
  /** What the row says beyond its code words. */
  readonly check: (run: FaultRun, world: FaultWorld, api: WireApi) => void | Promise<void>;
}

export type FaultCases = Readonly<Record<string, FaultCase>>;

/** Runs every case over both wire APIs and holds it against its row of the table. */
export function testFaults(cases: FaultCases, model: ConfigInput['model'] = {}): void {
  const rows = new Map(faultRows().map((row) => [row.id, row]));
  describe.each(WIRE_APIS)('over the %s API', (api) => {
    let world: FaultWorld;
    beforeAll(async () => {
      world = await FaultWorld.start(api, model);
    });
    afterAll(() => world[Symbol.asyncDispose]());

    it.each(Object.entries(cases))('%s ends as its row of the table says', async (id, fault) => {
      const row = rows.get(id);
      if (row === undefined) throw new Error(`docs/operations.md has no row ${id}`);
      await fault.before?.(world);
      const run = await world.run(id, fault.script(), fault.whileActive);
      expectState(run, row);
      expectCharges(run, row, fault.faulty ?? 1);
      await fault.check(run, world, api);
    });
  });
}

function expectState({ goal, seen, events }: FaultRun, row: FaultRow): void {
  const [status, more] = row.sees;
  const retries = events.filter((event) => event.type === 'retry.scheduled');
  if (status !== 'active') {
    expect(goal).toMatchObject({ status, phase: null, statusReason: { code: more } });
    return;
  }
  expect(goal.status).toBe('complete');
  // Whatever happened on the way, it never looked stopped.
  expect(seen.filter((each) => each.status !== 'active' && each.status !== 'complete')).toEqual([]);
  const waits = seen.filter((each) => each.phase === 'waiting' && each.nextActionAtMs !== null);
  if (more === 'waiting') {
    expect(waits.length).toBeGreaterThan(0);
    expect(retries.length).toBeGreaterThan(0);
  } else {
    expect(retries).toEqual([]);
  }
}

function expectCharges({ goal, ledger }: FaultRun, row: FaultRow, faulty: number): void {
  const sum = ledger.reduce((tokens, request) => tokens + request.tokens, 0);
  expect(sum).toBe(goal.tokensUsed);
  const rows = ledger.slice(0, faulty);
  expect(rows).toHaveLength(faulty);
  for (const { tokens, estimated, outcome } of rows) {
    if (row.charged.startsWith('Nothing')) {
      expect({ tokens, estimated, outcome }).toEqual({
        tokens: 0,
        estimated: false,
        outcome: 'rejected',
      });
      continue;
    }
    expect(tokens).toBeGreaterThan(0);
    expect(row.charged).toMatch(/^(?:An estimate|The provider’s figures)/);
    expect(estimated).toBe(row.charged.startsWith('An estimate'));
  }
}
