import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../failures.js';

/** The absolute folder a person named. Throws UsageError when it is none. */
export function existingFolder(cwd: string, named: string): string {
  const folder = path.resolve(cwd, named);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UsageError(`${folder} is not a folder.`);
  }
  return folder;
}
