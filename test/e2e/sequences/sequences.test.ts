import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scaled } from '../../helpers/wire/scale.js';
import { sequences } from './support/actions.js';
import { SequenceWorld } from './support/sequence-world.js';

const RUNS = scaled(200, 2000);

it(
  'whatever users, clients, the model, the clock and crashes do in whatever order: the invariants hold',
  { timeout: scaled(600_000, 6_000_000) },
  async () => {
    let checked = 0;
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        await using world = await SequenceWorld.open(sequence);
        for (const { action, settles } of sequence.actions) await world.do(action, settles);
        await world.finishAndCheck();
        checked += 1;
      }),
      { numRuns: RUNS, seed: Number(process.env['GOALD_TEST_SEED'] ?? 2026) },
    );
    expect(checked).toBe(RUNS);
  },
);
