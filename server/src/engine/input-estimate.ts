import { correctionFactor } from '../goals/accounting.js';
import type { Repositories } from '../store/repositories/index.js';

export interface InputEstimate {
  /** Tokens, as the provider is expected to count them. */
  readonly estimatedInput: number;
  /** How many of them it is expected to have cached. */
  readonly cachedInput: number;
  /** What one token of the tokenizer's is for the provider. */
  readonly factor: number;
}

/** What a request's input is expected to come to, by the real figures of the thread's last measured one. */
export function estimateInput(
  { ledger, compactions }: Repositories,
  threadId: string,
  countedInput: number,
): InputEstimate {
  const last = ledger.lastMeasured(threadId);
  const factor = correctionFactor(
    last === undefined ? undefined : { counted: last.counted_input, real: last.input_tokens },
  );
  const estimatedInput = Math.ceil(countedInput * factor);
  const compactedAtMs = compactions.find(threadId)?.made_at_ms ?? 0;
  // A prefix that was replaced since is not cached.
  const cached =
    last === undefined || compactedAtMs >= last.started_at_ms ? 0 : last.cached_input_tokens;
  return { estimatedInput, cachedInput: Math.min(cached, estimatedInput), factor };
}
