/** How long to wait before a failed request is tried again. */
export interface RetryRules {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Longest Retry-After that is obeyed in full. */
  readonly retryAfterMaxMs: number;
}

/** Clocks differ, and a limit that is asked the moment it ends may say no once more. */
export const AFTER_RESET_MS = 45_000;

/**
 * Exponential backoff with full jitter. A Retry-After of the provider is never undercut, up to the longest that is believed. `attempt`
 * counts failures from 1, `random` is in [0, 1). Answers milliseconds.
 */
export function retryDelayMs(
  rules: RetryRules,
  failure: { readonly attempt: number; readonly retryAfterMs: number | null },
  random: number,
): number {
  const ceiling = Math.min(rules.maxMs, rules.baseMs * 2 ** Math.min(failure.attempt - 1, 30));
  const jittered = Math.ceil(ceiling * random);
  return Math.max(jittered, Math.min(failure.retryAfterMs ?? 0, rules.retryAfterMaxMs));
}

/** What is known when a provider's usage limit stops a goal. */
export interface QuotaStop {
  /** Unix milliseconds the provider gave, or null. */
  readonly resetAtMs: number | null;
  readonly nowMs: number;
  /** The configuration allows to go on without a person. */
  readonly autoResume: boolean;
  /** Turns in a row that came to nothing, with this one if it got no answer. */
  readonly idleTurns: number;
  /** So many stop the goal. */
  readonly maxIdleTurns: number;
}

export type QuotaPlan =
  | { readonly kind: 'resume'; readonly atMs: number }
  | { readonly kind: 'stay'; readonly why: 'noResetTime' | 'switchedOff' | 'noProgress' };

/** Whether a goal that a usage limit stopped goes on by itself, and when. Only a time that the provider gave counts. */
export function quotaPlan(stop: QuotaStop): QuotaPlan {
  if (stop.resetAtMs === null) return { kind: 'stay', why: 'noResetTime' };
  if (!stop.autoResume) return { kind: 'stay', why: 'switchedOff' };
  if (stop.idleTurns >= stop.maxIdleTurns) return { kind: 'stay', why: 'noProgress' };
  return { kind: 'resume', atMs: Math.max(stop.resetAtMs, stop.nowMs) + AFTER_RESET_MS };
}
