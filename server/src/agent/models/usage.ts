import type { Usage } from '@goald/protocol';
import { filledOf, numberOf, objectOf, type JsonObject } from './json.js';

/** The usage object of either API, or null when the server sent none that can be charged by. */
export function usageOf(value: unknown): Usage | null {
  const usage = objectOf(value);
  const input = tokens(usage['input_tokens'] ?? usage['prompt_tokens']);
  const output = tokens(usage['output_tokens'] ?? usage['completion_tokens']);
  if (input === null || output === null) return null;
  const inputDetails = objectOf(usage['input_tokens_details'] ?? usage['prompt_tokens_details']);
  const outputDetails = objectOf(
    usage['output_tokens_details'] ?? usage['completion_tokens_details'],
  );
  const cached = tokens(inputDetails['cached_tokens'] ?? usage['prompt_cache_hit_tokens']);
  return {
    input,
    cachedInput: Math.min(cached ?? 0, input),
    output,
    reasoning: Math.min(tokens(outputDetails['reasoning_tokens']) ?? 0, output),
  };
}

/** The tier an answer says it was served with, where it says so. */
export interface ServedTier {
  readonly serviceTier?: string;
}

export function tierIn(answer: JsonObject): ServedTier {
  const serviceTier = filledOf(answer['service_tier']);
  return serviceTier === null ? {} : { serviceTier };
}

function tokens(value: unknown): number | null {
  const count = numberOf(value);
  return count === null ? null : Math.max(0, Math.round(count));
}
