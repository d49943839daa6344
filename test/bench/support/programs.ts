import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, '../../..');

/** The file a workspace package runs as `name`, as its package.json says: what a user would start. */
function program(folder: string, name: string): string {
  const file = join(ROOT, folder, 'package.json');
  const { bin } = JSON.parse(readFileSync(file, 'utf8')) as { bin?: Record<string, string> };
  const path = bin?.[name];
  if (path === undefined) throw new Error(`${folder}/package.json has no program ${name}.`);
  return join(ROOT, folder, path);
}

export const goaldProgram = (): string => program('server', 'goald');
export const goalProgram = (): string => program('clients/cli', 'goal');
