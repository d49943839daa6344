import { readFileSync } from 'node:fs';
import * as z from 'zod';

const manifestSchema = z.object({ version: z.string() });

/** The version of this daemon, from its package. */
export function daemonVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return manifestSchema.parse(JSON.parse(text)).version;
}
