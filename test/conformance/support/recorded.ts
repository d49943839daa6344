import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A message of the daemon, as it came over the wire. */
export interface Recorded {
  readonly kind: 'notification' | 'request' | 'response' | 'error';
  /** Of the message, or of the request it answers. */
  readonly method: string;
  /** params, result or error. */
  readonly body: unknown;
}

/** What was written down in a folder, by kind and method. */
export function readRecorded(folder: string): Map<string, Recorded[]> {
  const found = new Map<string, Recorded[]>();
  for (const name of readdirSync(folder).toSorted()) {
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      if (line === '') continue;
      const message = JSON.parse(line) as Recorded;
      const key = `${message.kind} ${message.method}`;
      const all = found.get(key) ?? [];
      all.push(message);
      found.set(key, all);
    }
  }
  return found;
}
