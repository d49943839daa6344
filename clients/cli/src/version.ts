import { readFileSync } from 'node:fs';

/** Version of this package. */
export const CLI_VERSION = readVersion();

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const value: unknown = JSON.parse(text);
  const known = typeof value === 'object' && value !== null && 'version' in value;
  return known && typeof value.version === 'string' ? value.version : '0.0.0';
}
