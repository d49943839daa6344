/** How long to wait before a failed request is tried again. Pure. */
export interface RetryRules {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Exponential backoff with full jitter; a Retry-After of the provider is never undercut. `attempt` counts failures from 1,
 * `random` is in [0, 1). Answers milliseconds.
 */
export function retryDelayMs(
  rules: RetryRules,
  failure: { readonly attempt: number; readonly retryAfterMs: number | null },
  random: number,
): number {
  const ceiling = Math.min(rules.maxMs, rules.baseMs * 2 ** Math.min(failure.attempt - 1, 30));
  const jittered = Math.ceil(ceiling * random);
  return Math.max(jittered, failure.retryAfterMs ?? 0);
}
