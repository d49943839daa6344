import { errorBody } from './error-body.js';
import { EventSizeLimit } from './event-size-limit.js';
import { isObject } from './json.js';
import { NoStreamError, StreamedError } from './stream-reader.js';

/** More of an error's text than this says nothing more. */
const LONGEST_ERROR_BYTES = 65_536;
const BRACES: ReadonlySet<number> = new Set(['{', '['].map((brace) => brace.charCodeAt(0)));
const MARKUP = '<'.charCodeAt(0);
const HIGHEST_BLANK = 0x20;
/** The byte order mark. */
const BOM: ReadonlySet<number> = new Set([0xef, 0xbb, 0xbf]);

export interface ModelFetchOptions {
  /** Bytes of the answer came, of whatever meaning. Must not throw. */
  readonly onBytes: () => void;
  /** Longest event of a stream, in bytes. */
  readonly maxEventBytes: number;
}

/**
 * fetch for one model request. Every error answer gets the `{error: {…}}` body that OpenAI's have. What is no stream of events although
 * it came with success throws StreamedError (an error told in JSON) or NoStreamError; an event over the limit breaks the body with
 * OversizedAnswerError.
 */
export function modelFetch(options: ModelFetchOptions): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!response.ok) return withErrorBody(response);
    if (response.body === null) return response;
    const chunks = watched(response.body, options);
    const first = await firstSaying(chunks);
    const start = first.find((byte) => byte > HIGHEST_BLANK && !BOM.has(byte));
    if (start !== undefined && (BRACES.has(start) || start === MARKUP)) {
      throw noStream(start, await textOf(first, chunks));
    }
    const { status, headers } = response;
    return new Response(streamOf(first, chunks), { status, headers });
  };
}

async function withErrorBody(response: Response): Promise<Response> {
  const chunks = response.body === null ? nothing() : watched(response.body, null);
  const body = JSON.stringify({ error: errorBody(await textOf(Buffer.of(), chunks)) });
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  headers.delete('content-encoding');
  headers.set('content-type', 'application/json');
  return new Response(body, { status: response.status, headers });
}

function noStream(start: number, text: string): Error {
  if (start === MARKUP) {
    return new NoStreamError(
      `sent a web page in place of an answer (is OPENAI_BASE_URL right, does a proxy want a login?): ${text}`,
      false,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new NoStreamError('sent JSON that is not whole in place of a stream of events.', false);
  }
  if (isObject(value) && ('choices' in value || 'output' in value)) {
    return new NoStreamError(
      'does not stream: goald needs a server that takes "stream": true.',
      true,
    );
  }
  return new StreamedError(errorBody(text));
}

type Chunks = AsyncIterator<Uint8Array, void, undefined>;

async function* nothing(): Chunks & AsyncIterable<Uint8Array> {
  // No body, no chunks.
}

async function* watched(
  body: ReadableStream<Uint8Array>,
  options: ModelFetchOptions | null,
): AsyncGenerator<Uint8Array, void, undefined> {
  const limit = options === null ? null : new EventSizeLimit(options.maxEventBytes);
  for await (const chunk of body) {
    options?.onBytes();
    limit?.see(chunk);
    yield chunk;
  }
}

/** The chunks up to the first byte that is not blank, as one. */
async function firstSaying(chunks: Chunks): Promise<Uint8Array> {
  const blank: Uint8Array[] = [];
  for (;;) {
    const { value, done } = await chunks.next();
    if (done === true) return Buffer.concat(blank);
    blank.push(value);
    if (value.some((byte) => byte > HIGHEST_BLANK && !BOM.has(byte))) return Buffer.concat(blank);
  }
}

/** The text of a body, as far as it is worth reading. The rest is not waited for. */
async function textOf(first: Uint8Array, chunks: Chunks): Promise<string> {
  const parts = [first];
  let bytes = first.byteLength;
  while (bytes < LONGEST_ERROR_BYTES) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    parts.push(value);
    bytes += value.byteLength;
  }
  await chunks.return?.();
  return Buffer.concat(parts).subarray(0, LONGEST_ERROR_BYTES).toString('utf8');
}

function streamOf(first: Uint8Array, chunks: Chunks): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        if (first.byteLength > 0) controller.enqueue(first);
      },
      pull: async (controller) => {
        const { value, done } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await chunks.return?.();
      },
    },
    { highWaterMark: 1 },
  );
}
