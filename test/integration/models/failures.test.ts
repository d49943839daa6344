import { describe, expect, it } from 'vitest';
import { WIRE_APIS } from '@goald/protocol';
import type { ModelError } from '@goald/server/engine/ports/model.js';
import { says, startModelServer, type Fault } from '../../helpers/model-server/index.js';
import { eventsOf, failureOf, modelAt, modelRequest } from './support.js';

const text = 'A text that is long enough to be streamed in several pieces over the wire.';

describe.each(WIRE_APIS)('a failing model over the %s API', (wireApi) => {
  const failWith = async (fault: Fault, input = {}, apiKey?: string): Promise<ModelError> => {
    await using server = await startModelServer({ script: () => ({ text, fault }) });
    const error = await failureOf(modelAt(server.url, { wireApi, ...input }, apiKey));
    expect(server.requests).toHaveLength(1);
    return error;
  };

  it.each([0, 1, 100, 700, 900])(
    'a stream cut after %i bytes is transient and may have cost',
    async (afterBytes) => {
      const error = await failWith({ kind: 'cut', afterBytes });
      expect(error).toMatchObject({ kind: 'transient', mayHaveCost: true, status: null });
    },
  );

  it('a connection closed without an answer is transient and may have cost', async () => {
    expect(await failWith({ kind: 'refuse' })).toMatchObject({
      kind: 'transient',
      mayHaveCost: true,
    });
  });

  it('a stream that is not JSON is transient and may have cost', async () => {
    expect(await failWith({ kind: 'malformed' })).toMatchObject({
      kind: 'transient',
      mayHaveCost: true,
    });
  });

  it('a rate limit is transient with the time to wait', async () => {
    const body = { error: { message: 'Rate limit reached', code: 'rate_limit_exceeded' } };
    const error = await failWith({
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '7' },
      body,
    });
    expect(error).toMatchObject({
      kind: 'transient',
      status: 429,
      retryAfterMs: 7000,
      resetAtMs: null,
      mayHaveCost: false,
    });
    expect(error.message).toContain('Rate limit reached');
  });

  it('a used-up quota has the reset time the provider gave', async () => {
    const body = {
      error: { type: 'usage_limit_reached', message: 'Limit', resets_at: 1_900_000_000 },
    };
    const error = await failWith({ kind: 'status', status: 429, body });
    expect(error).toMatchObject({
      kind: 'quota',
      resetAtMs: 1_900_000_000_000,
      retryAfterMs: null,
    });
  });

  it('a used-up quota has no reset time when the provider gave none', async () => {
    const body = {
      error: { code: 'insufficient_quota', message: 'You exceeded your current quota' },
    };
    expect(await failWith({ kind: 'status', status: 429, body })).toMatchObject({
      kind: 'quota',
      resetAtMs: null,
    });
  });

  it('an input that is too long is a context overflow', async () => {
    const body = { error: { code: 'context_length_exceeded', message: 'Too long' } };
    expect(await failWith({ kind: 'status', status: 400, body })).toMatchObject({
      kind: 'contextOverflow',
      mayHaveCost: false,
    });
  });

  it('a wrong key is permanent and stays out of the message', async () => {
    const key = 'my-own-secret-1234';
    const body = {
      error: { code: 'invalid_api_key', message: `Incorrect API key provided: ${key}.` },
    };
    const error = await failWith({ kind: 'status', status: 401, body }, {}, key);
    expect(error).toMatchObject({ kind: 'permanent', status: 401 });
    expect(error.message).toContain('OPENAI_API_KEY');
    expect(error.message).not.toContain(key);
  });

  it.each([
    [
      'a body of another shape',
      { detail: [{ loc: ['body', 'x'], msg: 'is odd' }] },
      'body.x: is odd',
    ],
    ['a text for an error', { error: 'model "m" not found' }, 'model "m" not found'],
    ['markup', '<html><body><h1>Bad\nthing</h1></body></html>', 'Bad thing'],
  ])('shows the words of %s', async (_, body, words) => {
    const error = await failWith({ kind: 'status', status: 404, body });
    expect(error.kind).toBe('permanent');
    expect(error.message).toContain(words);
  });

  it('a server error is transient', async () => {
    expect(await failWith({ kind: 'status', status: 503, body: '' })).toMatchObject({
      kind: 'transient',
      status: 503,
      mayHaveCost: false,
    });
  });

  it('an error told in the stream is classified like any other', async () => {
    const quota = { code: 'insufficient_quota', message: 'No more' };
    expect(await failWith({ kind: 'streamError', error: quota })).toMatchObject({ kind: 'quota' });
    const overflow = { code: 'context_length_exceeded', message: 'Too long' };
    expect(await failWith({ kind: 'streamError', error: overflow })).toMatchObject({
      kind: 'contextOverflow',
    });
    const broken = { code: 'server_error', message: 'Oops' };
    expect(await failWith({ kind: 'streamError', error: broken })).toMatchObject({
      kind: 'transient',
      mayHaveCost: true,
    });
  });

  it('silence before the first byte passes a limit of its own', async () => {
    const limits = { firstByteTimeoutSeconds: 1, streamIdleTimeoutSeconds: 60 };
    const error = await failWith({ kind: 'hang' }, limits);
    expect(error).toMatchObject({ kind: 'transient', mayHaveCost: true, answerBegan: false });
    expect(error.message).toContain('firstByteTimeoutSeconds');
  });

  it('silence within an answer passes the idle limit', async () => {
    const limits = { firstByteTimeoutSeconds: 60, streamIdleTimeoutSeconds: 1 };
    const error = await failWith({ kind: 'hang', afterBytes: 400 }, limits);
    expect(error).toMatchObject({ kind: 'transient', mayHaveCost: true, answerBegan: true });
    expect(error.message).toContain('streamIdleTimeoutSeconds');
  });

  it('a stream that never ends passes the limit of the whole request', async () => {
    await using server = await startModelServer({
      script: () => ({ text: text.repeat(20), pieceDelayMs: 100 }),
    });
    const model = modelAt(server.url, { wireApi, requestTimeoutSeconds: 1 });
    const error = await failureOf(model);
    expect(error).toMatchObject({ kind: 'transient', mayHaveCost: true });
    expect(error.message).toContain('requestTimeoutSeconds');
  });

  it.each([undefined, 700])(
    'throws the reason of an abort and hangs up (after %s bytes)',
    async (afterBytes) => {
      await using server = await startModelServer({
        script: () => ({ text, fault: { kind: 'hang', afterBytes } }),
      });
      const stop = new AbortController();
      const reason = new Error('the user paused');
      const running = eventsOf(modelAt(server.url, { wireApi }), modelRequest(), stop.signal);
      await expect.poll(() => server.requests.length).toBe(1);
      stop.abort(reason);
      await expect(running).rejects.toBe(reason);
      await expect.poll(() => server.requests[0]?.state).toBe('faulted');
    },
  );

  it('works again after a failure, with the same model', async () => {
    await using server = await startModelServer({
      script: (request) =>
        request.index === 0 ? { text, fault: { kind: 'cut', afterBytes: 500 } } : says('Hi.'),
    });
    const model = modelAt(server.url, { wireApi });
    await failureOf(model);
    expect((await eventsOf(model)).at(-1)).toMatchObject({ type: 'completed', finish: 'stop' });
  });
});

it('a chat stream cut between its last word and the figures is whole, without figures', async () => {
  const tail = Buffer.byteLength('data: [DONE]\n\n');
  await using server = await startModelServer({ script: () => ({ text, usage: null }) });
  const url = server.url.replace('/v1', '');
  const body = JSON.stringify({ model: 'm', messages: [] });
  const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body });
  const afterBytes = Buffer.byteLength(await answer.text()) - tail;
  server.setScript(() => ({ text, fault: { kind: 'cut', afterBytes } }));
  const events = await eventsOf(
    modelAt(server.url, { wireApi: 'chat' }),
    modelRequest({ model: 'm' }),
  );
  expect(events.at(-1)).toEqual({ type: 'completed', finish: 'stop', usage: null });
});

it.each(WIRE_APIS)(
  'does not wait for a server that never closes a whole %s stream',
  async (wireApi) => {
    await using server = await startModelServer({
      script: () => ({ text, fault: { kind: 'hang', afterBytes: 1_000_000 } }),
    });
    const startedMs = performance.now();
    const events = await eventsOf(modelAt(server.url, { wireApi }));
    expect(events.at(-1)).toMatchObject({ type: 'completed', finish: 'stop' });
    expect(performance.now() - startedMs).toBeLessThan(3000);
  },
);

it('a server that is not there is transient and surely cost nothing', async () => {
  const server = await startModelServer();
  const { url } = server;
  await server[Symbol.asyncDispose]();
  const error = await failureOf(modelAt(url));
  expect(error).toMatchObject({ kind: 'transient', mayHaveCost: false });
  expect(error.message).toContain('is it running?');
});
