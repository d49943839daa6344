import { createHash } from 'node:crypto';

const LONGEST_KEY = 64;

/** A prompt cache key that every provider takes: the key itself, or its digest when it is over 64 characters. */
export function cacheKeyOf(key: string): string {
  return key.length <= LONGEST_KEY ? key : createHash('sha256').update(key).digest('hex');
}
