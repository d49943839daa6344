import { describe, expect, it } from 'vitest';
import { toModelError, type FailureContext } from '@goald/server/agent/models/model-errors.js';
import { NoStreamError } from '@goald/server/agent/models/stream-reader.js';
import type { ModelError } from '@goald/server/engine/ports/model.js';

const nowMs = Date.UTC(2030, 0, 1);
const context: FailureContext = {
  nowMs,
  outputSeen: false,
  answerBegan: false,
  secrets: ['hush-hush'],
  server: 'http://model',
  model: 'm',
};

function http(
  status: number,
  error: Record<string, unknown> = {},
  headers: Record<string, string> = {},
  changes: Partial<FailureContext> = {},
): ModelError {
  const shape = Object.assign(new Error('x'), { status, error, headers: new Headers(headers) });
  return toModelError(shape, { ...context, ...changes });
}

describe('the kind of a failure', () => {
  it.each([
    [408, {}, 'transient'],
    [409, {}, 'transient'],
    [429, {}, 'transient'],
    [429, { message: 'Too many tokens, please wait' }, 'transient'],
    [500, {}, 'transient'],
    [502, {}, 'transient'],
    [529, { type: 'overloaded_error' }, 'transient'],
    [402, { message: 'Payment required' }, 'quota'],
    [403, { code: 'insufficient_quota' }, 'quota'],
    [429, { code: 'billing_hard_limit_reached' }, 'quota'],
    [429, { type: 'usage_limit_reached' }, 'quota'],
    [429, { message: 'You exceeded your current quota, please check your plan' }, 'quota'],
    [400, { message: 'Your credit balance is too low to access the API' }, 'quota'],
    [400, { code: 'context_length_exceeded' }, 'contextOverflow'],
    [400, { message: "This model's maximum context length is 8192 tokens" }, 'contextOverflow'],
    [400, { message: 'prompt is too long: 210000 tokens > 200000 maximum' }, 'contextOverflow'],
    [500, { message: 'the request exceeds the available context size' }, 'contextOverflow'],
    [413, {}, 'contextOverflow'],
    [
      429,
      { message: 'Request too large for gpt-4o on tokens per min (TPM): Limit 30000' },
      'contextOverflow',
    ],
    // What a server says by its code holds against its status.
    [400, { code: 'rate_limit_exceeded', message: 'Too many tokens' }, 'transient'],
    [503, { type: 'unavailable_error', message: 'Loading model' }, 'transient'],
    [400, { code: 'tool_use_failed' }, 'transient'],
    [413, { code: 'rate_limit_exceeded', type: 'tokens' }, 'contextOverflow'],
    [429, { code: 429, message: 'Rate limit exceeded: free-models-per-day.' }, 'quota'],
    [429, { code: 429, status: 'RESOURCE_EXHAUSTED' }, 'transient'],
    [400, { type: 'exceed_context_size_error' }, 'contextOverflow'],
    [
      400,
      { message: 'The model is loaded with context length of only 4096 tokens' },
      'contextOverflow',
    ],
    [
      400,
      { code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } },
      'permanent',
    ],
    [404, { type: 'api_error', message: 'model "m" not found, try pulling it first' }, 'permanent'],
    [400, { message: 'Invalid value' }, 'permanent'],
    [401, {}, 'permanent'],
    [403, { message: 'Country not supported' }, 'permanent'],
    [404, { code: 'model_not_found' }, 'permanent'],
    [422, {}, 'permanent'],
  ])('HTTP %i %j is %s', (status, error, kind) => {
    const failure = http(status, error);
    expect(failure).toMatchObject({ kind, status, mayHaveCost: false });
  });

  it.each([
    ['ECONNREFUSED', 'transient', false],
    ['ENOTFOUND', 'transient', false],
    ['ECONNRESET', 'transient', true],
    ['UND_ERR_SOCKET', 'transient', true],
    ['UND_ERR_HEADERS_TIMEOUT', 'transient', true],
    ['CERT_HAS_EXPIRED', 'permanent', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'permanent', false],
  ])('%s below HTTP is %s, may have cost: %s', (code, kind, mayHaveCost) => {
    const cause = Object.assign(new Error('because'), { code });
    const error = new Error('Connection error.', {
      cause: new TypeError('fetch failed', { cause }),
    });
    expect(toModelError(error, context)).toMatchObject({ kind, mayHaveCost, status: null });
  });

  it('takes the status of a router’s streamed error from its code', () => {
    const error = Object.assign(new Error('x'), { error: { code: 502, message: 'upstream' } });
    expect(toModelError(error, context)).toMatchObject({ kind: 'transient', status: 502 });
  });

  it('may have cost once output was seen', () => {
    expect(http(500, {}, {}, { outputSeen: true }).mayHaveCost).toBe(true);
  });
});

describe('an error that came without a status', () => {
  it.each([
    [{ code: 'server_error' }, 'transient'],
    [{ type: 'overloaded_error' }, 'transient'],
    [{ code: 'rate_limit_exceeded', message: 'Rate limit' }, 'transient'],
    [
      { code: 'rate_limit_exceeded', message: 'Request too large for m on tokens per min' },
      'contextOverflow',
    ],
    [{ code: 'insufficient_quota' }, 'quota'],
    [{ message: 'Your credit balance is too low' }, 'quota'],
    [{ code: 'context_length_exceeded' }, 'contextOverflow'],
    [{ object: 'error', type: 'BadRequestError', code: 400 }, 'permanent'],
    [{ type: 'invalid_request_error' }, 'permanent'],
    ['It fell over.', 'transient'],
    [{ odd: true }, 'transient'],
  ])('%j is %s', (error, kind) => {
    const shape = Object.assign(new Error('x'), { error });
    expect(toModelError(shape, context)).toMatchObject({ kind, answerBegan: true });
  });

  it('is found within the failure of a connection', () => {
    const cause = new NoStreamError('sent a web page with hush-hush', false);
    const error = new Error('Connection error.', { cause });
    const failure = toModelError(error, context);
    expect(failure).toMatchObject({ kind: 'transient', mayHaveCost: false });
    expect(failure.message).toBe('http://model sent a web page with [hidden]');
  });
});

describe('the time to wait', () => {
  it.each([
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 1500],
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': new Date(nowMs + 30_000).toUTCString() }, 30_000],
    [{ 'retry-after': new Date(nowMs - 30_000).toUTCString() }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('of %j is %s ms', (headers, ms) => {
    expect(http(503, {}, headers).retryAfterMs).toBe(ms);
  });

  it('is read from the message where no header has it', () => {
    const message = 'Rate limit reached. Please try again in 1.25s. Visit …';
    expect(http(429, { message }).retryAfterMs).toBe(1250);
    expect(http(429, { message: 'Please try again in 20ms.' }).retryAfterMs).toBe(20);
    expect(http(429, { message: 'Please try again in 6m0s.' }).retryAfterMs).toBe(360_000);
    expect(http(429, { message: 'Please retry after 24 seconds.' }).retryAfterMs).toBe(24_000);
    expect(http(429, { message: 'Try again later, in 2030.' }).retryAfterMs).toBeNull();
  });
});

describe('the time to wait, of a limit of which nothing is left,', () => {
  it.each([
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m2.5s' }, 62_500],
    [
      {
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '20ms',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '6s',
      },
      6000,
    ],
    [{ 'x-ratelimit-remaining-requests': '7', 'x-ratelimit-reset-requests': '1m' }, null],
    [
      {
        'anthropic-ratelimit-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-reset': new Date(nowMs + 9000).toISOString(),
      },
      9000,
    ],
    [{ 'retry-after': '-5' }, null],
  ])('of %j is %s ms', (headers, ms) => {
    expect(http(429, {}, headers).retryAfterMs).toBe(ms);
  });
});

describe('the reset time of a quota', () => {
  const code = 'usage_limit_reached';
  it.each([
    [{ resets_at: 1_900_000_000 }, {}, 1_900_000_000_000],
    [{ resets_at: 1_900_000_000_000 }, {}, 1_900_000_000_000],
    [{ resets_at: '2030-01-02T00:00:00Z' }, {}, nowMs + 86_400_000],
    [{ resets_in_seconds: 60 }, {}, nowMs + 60_000],
    [{}, { 'x-ratelimit-reset': '1900000000' }, 1_900_000_000_000],
    [{}, { 'retry-after': '120' }, nowMs + 120_000],
    [{ metadata: { headers: { 'X-RateLimit-Reset': '1900000000000' } } }, {}, 1_900_000_000_000],
    [{ message: 'Try again in 3 days 4 hours 5 minutes.' }, {}, nowMs + 273_900_000],
    [{ resets_at: null }, {}, null],
    [{}, {}, null],
  ])('of %j %j is %s', (error, headers, at) => {
    expect(http(429, { code, ...error }, headers)).toMatchObject({ kind: 'quota', resetAtMs: at });
  });

  it('is never there for a rate limit', () => {
    expect(http(429, { resets_in_seconds: 60 }).resetAtMs).toBeNull();
  });
});

describe('the message', () => {
  it.each([
    'key sk-proj-abcdefghijk is wrong',
    'Incorrect API key provided: sk-abc*******xyz.',
    'header Authorization: Bearer abcdef.ghijkl',
    'hush-hush is no key',
    'cannot fetch http://user:password@host/v1',
  ])('hides what is secret in: %s', (message) => {
    const said = http(400, { message }).message;
    expect(said).not.toMatch(/abcdef|abc\*|hush-hush|password/);
    expect(said).toContain('http://model answered 400');
  });

  it('is short, however long the provider’s is', () => {
    expect(http(500, { message: 'long '.repeat(5000) }).message.length).toBeLessThan(1200);
  });

  it('says what to check', () => {
    expect(http(401).message).toContain('OPENAI_API_KEY');
    expect(http(404).message).toContain('GOALD_MODEL');
  });
});
