import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { ROOT } from './sources.js';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ optionalDependencies: z.record(z.string(), z.string()).optional() }),
  ),
});
const { packages } = lockSchema.parse(
  JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')),
);

/** True when a package that `from` asks for is in the lockfile, beside it or further up. */
function isLocked(from: string, name: string): boolean {
  for (
    let folder = from;
    ;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))
  ) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
    if (!folder.includes('/node_modules/')) return `node_modules/${name}` in packages;
  }
}

// `npm install` leaves out what the registry did not have for other platforms and says nothing; `npm ci` then refuses the
// lockfile, on a fresh clone only.
it('the lockfile has the optional packages of every platform', () => {
  const missing = Object.entries(packages).flatMap(([from, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !isLocked(from, name))
      .map((name) => `${from} needs ${name}`),
  );
  expect(missing).toEqual([]);
});

it('every package of ours is in the lockfile', () => {
  const names = ['protocol', 'server', 'client', 'cli', 'test'];
  expect(names.filter((name) => !(`node_modules/@goald/${name}` in packages))).toEqual([]);
});
