import type { ModelErrorKind } from '../../engine/ports/model.js';

/** What is known of a provider's error once its dialect is taken off. */
interface ProviderFailure {
  /** HTTP status, or the one named in a streamed error; null where none came. */
  readonly status: number | null;
  /** Every code-like word of the error: its code, its type and the code within. */
  readonly codes: readonly string[];
  readonly message: string;
}

const QUOTA_CODES = new Set([
  'insufficient_quota',
  'usage_limit_reached',
  'usage_not_included',
  'quota_exceeded',
  'billing_hard_limit_reached',
  'billing_not_active',
  'billing_error',
  'insufficient_balance',
  'insufficient_credits',
  'payment_required',
]);
const QUOTA_WORDS =
  /exceeded your current quota|free-models-per-day|credit balance is too low|insufficient (?:credits?|balance|funds)|billing (?:hard )?limit|usage limit/i;

const OVERFLOW_CODES = new Set([
  'context_length_exceeded',
  'exceed_context_size_error',
  'context_window_exceeded',
  'string_above_max_length',
]);
const OVERFLOW_WORDS =
  /maximum context length|context (?:window|length|size)|(?:input|prompt) is too long|too many (?:input )?tokens|input token count|reduce the length of/i;
// A request above the whole minute's allowance fails for ever unless it shrinks.
const TOO_LARGE_FOR_RATE = /request too large for .*tokens per min/is;

const TRANSIENT_CODES = new Set([
  'server_error',
  'internal_error',
  'internal_server_error',
  'api_error',
  'rate_limit_exceeded',
  'rate_limit_error',
  'overloaded',
  'overloaded_error',
  'server_is_overloaded',
  'slow_down',
  'timeout',
  'vector_store_timeout',
]);
/** Some local servers answer 500 for what they will never take. */
const NO_IMAGES =
  /images? (?:input )?(?:is|are) not supported|not support (?:images?|vision|image input)/i;
/** The server is busy, whatever status it says so with. */
const BUSY_CODES = new Set([
  'rate_limit_exceeded',
  'rate_limit_error',
  'too_many_requests',
  'overloaded',
  'overloaded_error',
  'server_is_overloaded',
  'unavailable_error',
  'slow_down',
]);
/** The model's own answer was broken, and the provider did not pass it on: the next may be whole. */
const BROKEN_ANSWER_CODES = new Set(['tool_use_failed']);
const PERMANENT_CODES = new Set([
  'BadRequestError',
  'NotFoundError',
  'content_filter',
  'invalid_request_error',
  'invalid_prompt',
  'invalid_api_key',
  'authentication_error',
  'permission_error',
  'model_not_found',
  'not_found_error',
  'cyber_policy',
]);

/** What kind of failure a provider's error is. Where nothing is known of it, it counts as transient. */
export function failureKind(failure: ProviderFailure): ModelErrorKind {
  const { status, codes, message } = failure;
  const has = (set: ReadonlySet<string>): boolean => codes.some((code) => set.has(code));
  if (has(QUOTA_CODES) || status === 402) return 'quota';
  if (has(OVERFLOW_CODES) || status === 413) return 'contextOverflow';
  if (has(BROKEN_ANSWER_CODES)) return 'transient';
  const busy = status === 429 || (has(BUSY_CODES) && status !== 401 && status !== 403);
  if (busy && TOO_LARGE_FOR_RATE.test(message)) return 'contextOverflow';
  if (status === 429) return QUOTA_WORDS.test(message) ? 'quota' : 'transient';
  if (busy) return 'transient';
  if (status === null || (status >= 400 && status < 500)) {
    if (OVERFLOW_WORDS.test(message) && status !== 401 && status !== 403) return 'contextOverflow';
    const mayBeQuota = status === null || status === 400 || status === 403;
    if (mayBeQuota && QUOTA_WORDS.test(message)) return 'quota';
  }
  if (status === null)
    return has(PERMANENT_CODES) && !has(TRANSIENT_CODES) ? 'permanent' : 'transient';
  if (status === 408 || status === 409 || status === 425 || status >= 500) {
    if (NO_IMAGES.test(message)) return 'permanent';
    // Some local servers answer 500 for an input that does not fit.
    return status >= 500 && /context (?:window|length|size)/i.test(message)
      ? 'contextOverflow'
      : 'transient';
  }
  return 'permanent';
}
