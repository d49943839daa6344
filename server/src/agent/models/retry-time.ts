import { numberOf, textOf, type JsonObject } from './json.js';

/** Response headers as far as they are read here. */
export interface HeaderReader {
  get(name: string): string | null;
}

/** How long the provider asks to wait, in milliseconds: retry-after-ms, Retry-After (seconds or a date), or its message. */
export function retryAfterMs(
  headers: HeaderReader | null,
  message: string,
  nowMs: number,
): number | null {
  const ms = positive(headers?.get('retry-after-ms'));
  if (ms !== null) return Math.round(ms);
  const after = headers?.get('retry-after')?.trim() ?? '';
  const seconds = positive(after);
  if (seconds !== null) return Math.round(seconds * 1000);
  const dateMs = Date.parse(after);
  if (!Number.isNaN(dateMs)) return Math.max(0, dateMs - nowMs);
  const told = /try again in (\d+(?:\.\d+)?)\s*(ms|s)\b/i.exec(message);
  if (told === null) return null;
  return Math.ceil(Number(told[1]) * (told[2]?.toLowerCase() === 'ms' ? 1 : 1000));
}

/** Unix milliseconds at which a quota comes back, only where the provider says so in the error or its headers. */
export function resetAtMs(
  error: JsonObject,
  headers: HeaderReader | null,
  nowMs: number,
): number | null {
  const at = instant(error['resets_at']);
  if (at !== null) return at;
  const inSeconds = numberOf(error['resets_in_seconds']);
  if (inSeconds !== null) return nowMs + Math.max(0, Math.round(inSeconds * 1000));
  const header = positive(headers?.get('x-ratelimit-reset'));
  if (header !== null) return instant(header) ?? nowMs + Math.round(header * 1000);
  const wait = retryAfterMs(headers, '', nowMs);
  return wait === null ? null : nowMs + wait;
}

/** Unix seconds, Unix milliseconds or a date as Unix milliseconds; null for what can be none of them. */
function instant(value: unknown): number | null {
  const number = numberOf(value);
  if (number !== null) {
    if (number > 1e12) return Math.round(number);
    return number > 1e9 ? Math.round(number * 1000) : null;
  }
  const parsed = Date.parse(textOf(value) ?? '');
  return Number.isNaN(parsed) ? null : parsed;
}

function positive(value: string | null | undefined): number | null {
  if (value === null || value === undefined || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : null;
}
