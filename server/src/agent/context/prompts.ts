import { readFile } from 'node:fs/promises';
import type { SteeringTemplates } from './steering.js';

/** The words of ours that models read. */
export interface Prompts {
  readonly system: string;
  readonly steering: SteeringTemplates;
  /** Says what a turn is that plans. */
  readonly planning: string;
  /** Asks for a summary of the history; `{{words}}` is how long it may be. */
  readonly compaction: string;
}

const FOLDER = new URL('../prompts/', import.meta.url);

/** Reads the prompts that are installed with the daemon. Rejects when one is missing. */
export async function loadPrompts(): Promise<Prompts> {
  const read = async (name: string): Promise<string> =>
    (await readFile(new URL(`${name}.md`, FOLDER), 'utf8')).trim();
  const [system, active, resting, planning, compaction] = await Promise.all([
    read('system'),
    read('goal-steering'),
    read('goal-resting'),
    read('planning'),
    read('compaction'),
  ]);
  return { system, steering: { active, resting }, planning, compaction };
}
