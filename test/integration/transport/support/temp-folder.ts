import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that lives as long as the running test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'goald-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Polls until `condition` holds; fails after `deadlineMs`. */
export async function until(condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error('The condition never came true.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
