import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { expectSound } from './check.js';
import { bytesPerGoal } from './heap.js';
import { handedOn } from './options.js';
import { markdownPage, resultLines, textTable } from './report.js';
import { soak } from './soak.js';

const ROUNDS = 5;
const MOST_MS = 300_000;
/** What a goal may leave: its own row and its thread's, which are kept for whoever asks next. */
const MOST_BYTES_PER_GOAL = 4096;
const PAGE = fileURLToPath(new URL('../../docs/measurements/soak.md', import.meta.url));

it(
  'goals under a failing model, with clients in and out, all end, add up, share turns and leave no memory',
  { timeout: MOST_MS + 120_000 },
  async () => {
    const { seed, goals, write } = handedOn();
    await using soaked = await soak({
      seed,
      goalsPerRound: Math.ceil(goals / ROUNDS),
      rounds: ROUNDS,
      active: 50,
      concurrentTurns: 16,
      followers: 10,
      guests: 190,
      mostMs: MOST_MS,
    });
    const lines = resultLines(soaked);
    process.stdout.write(`\n${textTable(lines)}\n`);
    expectSound(soaked);
    expect(soaked.heap).toHaveLength(ROUNDS);
    expect(bytesPerGoal(soaked.heap)).toBeLessThan(MOST_BYTES_PER_GOAL);
    if (write) await writeFile(PAGE, await markdownPage(lines));
  },
);
