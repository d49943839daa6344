/** How a lost connection is taken up again. */
export interface ReconnectPolicy {
  /** Milliseconds of trying after which the client gives up and closes. Infinity: never. */
  readonly giveUpAfterMs: number;
  /** Delay before the second attempt (the first follows at once), in milliseconds. Doubles with each one. */
  readonly baseMs: number;
  /** Longest delay between two attempts, in milliseconds. */
  readonly maxMs: number;
}

export const DEFAULT_RECONNECT: ReconnectPolicy = {
  giveUpAfterMs: 120_000,
  baseMs: 50,
  maxMs: 3000,
};

/**
 * Milliseconds to wait before attempt number `attempt` (0 is the first), with full jitter over the upper half so that many
 * clients of one daemon do not come back in step. `random` is in [0, 1).
 */
export function reconnectDelay(policy: ReconnectPolicy, attempt: number, random: number): number {
  if (attempt === 0) return 0;
  const ceiling = Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling / 2 + random * (ceiling / 2));
}
