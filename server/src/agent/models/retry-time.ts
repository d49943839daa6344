import { numberOf, objectOf, textOf, type JsonObject } from './json.js';

/** Response headers as far as they are read here. */
export interface HeaderReader {
  get(name: string): string | null;
}

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION =
  /(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|sec(?:ond)?s?|m|min(?:ute)?s?|h|hours?|d|days?)(?![a-z])/gi;
const TOLD =
  /(?:try again|retry|wait|available|resets?)(?: again)?\s+(?:in|after|for)\s+((?:(?:,|and)?\s*\d+(?:\.\d+)?\s*(?:[a-z]+))+)/i;

/**
 * How long the provider asks to wait, in milliseconds: retry-after-ms, Retry-After (seconds or an HTTP date), its message, or the
 * reset of a limit of which nothing remains.
 */
export function retryAfterMs(
  headers: HeaderReader | null,
  message: string,
  nowMs: number,
): number | null {
  return (
    retryAfterHeader(headers, nowMs) ??
    durationMs(TOLD.exec(message)?.[1] ?? '') ??
    usedUpReset(headers, nowMs)
  );
}

/** Unix milliseconds at which a quota comes back, only where the provider says so in the error, its headers or its message. */
export function resetAtMs(
  error: JsonObject,
  headers: HeaderReader | null,
  nowMs: number,
): number | null {
  return (
    toldInstant(error, nowMs) ??
    headerInstant(headers?.get('x-ratelimit-reset') ?? relayedHeader(error), nowMs) ??
    after(retryAfterMs(headers, textOf(error['message']) ?? '', nowMs), nowMs)
  );
}

function retryAfterHeader(headers: HeaderReader | null, nowMs: number): number | null {
  const ms = positive(headers?.get('retry-after-ms'));
  if (ms !== null) return Math.round(ms);
  const text = headers?.get('retry-after')?.trim() ?? '';
  const seconds = positive(text);
  if (seconds !== null) return Math.round(seconds * 1000);
  // Bare numbers that are no seconds would be taken for years.
  const dateMs = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}

/** OpenAI and Azure count requests and tokens apart, and Anthropic tells moments for durations. */
function usedUpReset(headers: HeaderReader | null, nowMs: number): number | null {
  const waits = ['requests', 'tokens'].flatMap((what) => {
    const wait =
      headers?.get(`x-ratelimit-remaining-${what}`)?.trim() === '0'
        ? durationMs(headers.get(`x-ratelimit-reset-${what}`) ?? '')
        : headers?.get(`anthropic-ratelimit-${what}-remaining`)?.trim() === '0'
          ? until(headers.get(`anthropic-ratelimit-${what}-reset`), nowMs)
          : null;
    return wait === null ? [] : [wait];
  });
  return waits.length === 0 ? null : Math.max(...waits);
}

function toldInstant(error: JsonObject, nowMs: number): number | null {
  const at = instant(error['resets_at'] ?? error['reset_at']);
  if (at !== null) return at;
  const inSeconds = numberOf(error['resets_in_seconds']);
  return inSeconds === null ? null : nowMs + Math.max(0, Math.round(inSeconds * 1000));
}

/** A moment, or seconds from now. */
function headerInstant(value: string | null, nowMs: number): number | null {
  const number = positive(value);
  if (number === null) return null;
  return instant(number) ?? nowMs + Math.round(number * 1000);
}

/** Routers pass the headers of the server behind them on in the error. */
function relayedHeader(error: JsonObject): string | null {
  const headers = objectOf(objectOf(error['metadata'])['headers']);
  const entry = Object.entries(headers).find(([name]) => /^x-ratelimit-reset$/i.test(name));
  return entry === undefined ? null : String(entry[1]);
}

function until(moment: string | null, nowMs: number): number | null {
  const at = instant(moment);
  return at === null ? null : Math.max(0, at - nowMs);
}

function after(ms: number | null, nowMs: number): number | null {
  return ms === null ? null : nowMs + ms;
}

/** "6m0s", "1.25s", "24 seconds", "3 days 4 hours" in milliseconds; null where no duration stands. */
function durationMs(text: string): number | null {
  let sum: number | null = null;
  for (const [, count, unit] of text.matchAll(DURATION)) {
    const word = (unit ?? '').toLowerCase();
    const key = word.startsWith('ms') || word.startsWith('milli') ? 'ms' : word.slice(0, 1);
    sum = (sum ?? 0) + Number(count) * (MS_PER_UNIT[key] ?? 0);
  }
  return sum === null ? null : Math.ceil(sum);
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
