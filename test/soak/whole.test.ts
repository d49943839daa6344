import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { expectSound } from './check.js';
import { bytesPerGoal } from './heap.js';
import { handedOn } from './options.js';
import { markdownPage, resultLines, textTable } from './report.js';
import { soak } from './soak.js';

const ROUNDS = 5;
const MINUTE_MS = 60_000;
/** What the slowest machine may take longer than was asked for. */
const PATIENCE_MS = 10 * MINUTE_MS;
/** What a goal may leave: its own row and its thread's, which are kept for whoever asks next. */
const MOST_BYTES_PER_GOAL = 4096;
const PAGE = fileURLToPath(new URL('../../docs/measurements/soak.md', import.meta.url));

it(
  'goals under a failing model, with clients in and out, all end, add up, share turns and leave no memory',
  { timeout: handedOn().minutes * MINUTE_MS + 2 * PATIENCE_MS },
  async () => {
    const { seed, goals, minutes, write } = handedOn();
    const leastMs = minutes * MINUTE_MS;
    await using soaked = await soak({
      seed,
      goalsPerRound: Math.ceil(goals / ROUNDS),
      rounds: ROUNDS,
      active: 50,
      concurrentTurns: 16,
      followers: 10,
      guests: 190,
      leastMs,
      mostMs: leastMs + PATIENCE_MS,
    });
    const lines = resultLines(soaked);
    process.stdout.write(`\n${textTable(lines)}\n`);
    expectSound(soaked);
    expect(soaked.heap.length).toBeGreaterThanOrEqual(ROUNDS);
    expect(bytesPerGoal(soaked.heap)).toBeLessThan(MOST_BYTES_PER_GOAL);
    if (write) await writeFile(PAGE, await markdownPage(lines));
  },
);
