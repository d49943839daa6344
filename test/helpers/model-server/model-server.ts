import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { answer, type Dialect } from './answer.js';
import { chatError, chatEvents, chatPiece } from './chat-wire.js';
import { objectOf, textOf, type Json } from './json.js';
import { historyProgress, type SaidResponse } from './progress.js';
import { readChatBody, readResponsesBody } from './read-request.js';
import { responsesError, responsesEvents, responsesPiece } from './responses-wire.js';
import { spoken, type Spoken } from './spoken.js';
import type {
  Bill,
  BillLine,
  RecordedRequest,
  Script,
  ScriptedReply,
  ScriptedRequest,
} from './types.js';
import { addUp, Meter } from './usage.js';

type Api = ScriptedRequest['api'];
type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

const APIS: ReadonlyMap<string, Api> = new Map([
  ['/v1/responses', 'responses'],
  ['/v1/chat/completions', 'chat'],
]);

export interface ModelServerOptions {
  /** Answers requests; without one each gets 400 until `setScript`. */
  readonly script?: Script;
  /** 0 or absent: a free one. */
  readonly port?: number;
  /** false: `requests` stays empty, for runs of very many. Default: true. */
  readonly keepsRequests?: boolean;
}

/** A scripted model over real HTTP, in both wire APIs. */
export class ModelServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #meter = new Meter();
  readonly #said: SaidResponse[] = [];
  readonly #requests: Writable<RecordedRequest>[] = [];
  readonly #bill: BillLine[] = [];
  readonly #keepsRequests: boolean;
  #script: Script;
  #port = 0;
  #count = 0;

  private constructor(script: Script, keepsRequests: boolean) {
    this.#script = script;
    this.#keepsRequests = keepsRequests;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        refuse(response, 500, String(error));
      });
    });
  }

  static async start(options: ModelServerOptions): Promise<ModelServer> {
    const server = new ModelServer(
      options.script ??
        (() => {
          throw new Error('the model server has no script');
        }),
      options.keepsRequests ?? true,
    );
    server.#server.listen(options.port ?? 0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** Base URL for OPENAI_BASE_URL: ends in /v1. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server is closed');
    return `http://127.0.0.1:${String(address.port)}/v1`;
  }

  /** Every model request so far, in order of arrival. Live objects: their state changes. */
  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  /** Model requests so far. */
  get count(): number {
    return this.#count;
  }

  setScript(script: Script): void {
    this.#script = script;
  }

  /** Refuses every connection until `comeBack`. */
  async goAway(): Promise<void> {
    this.#port = Number(new URL(this.url).port);
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async comeBack(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** What this provider charged: every response it began, also those that never arrived whole. */
  bill(): Bill {
    return {
      lines: [...this.#bill],
      total: addUp(this.#bill.map((line) => line.usage)),
      told: addUp(this.#bill.filter((line) => line.told).map((line) => line.usage)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://model').pathname;
    if (request.method === 'GET' && path === '/v1/models') {
      const model = { id: 'scripted', object: 'model', created: 0, owned_by: 'tests' };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ object: 'list', data: [model] }));
      return;
    }
    const api = APIS.get(path);
    if (request.method !== 'POST' || api === undefined) {
      refuse(response, 404, `there is no ${request.method ?? ''} ${path}`);
      return;
    }
    const gone = new AbortController();
    response.on('close', () => {
      gone.abort();
    });
    const rawBody = await text(request);
    const body = objectOf(JSON.parse(rawBody));
    const record = this.#record(request, path, body, rawBody);
    await this.#reply(api, record, response, gone.signal);
  }

  #record(
    request: IncomingMessage,
    path: string,
    body: Json,
    rawBody: string,
  ): Writable<RecordedRequest> {
    const header = (name: string): string | null => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : null;
    };
    const index = this.#count;
    this.#count += 1;
    const record: Writable<RecordedRequest> = {
      index,
      id: `r${String(index)}`,
      path,
      headers: {
        authorization: header('authorization'),
        'content-type': header('content-type'),
        'user-agent': header('user-agent'),
      },
      body,
      rawBody,
      atMs: Date.now(),
      state: 'open',
    };
    if (this.#keepsRequests) this.#requests.push(record);
    return record;
  }

  async #reply(
    api: Api,
    record: Writable<RecordedRequest>,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const { body, index, id } = record;
    const read = api === 'responses' ? readResponsesBody(body) : readChatBody(body);
    const { steering, ...rest } = read;
    let reply: ScriptedReply;
    try {
      const progress = historyProgress(read.input, this.#said);
      reply = await this.#script({ ...rest, ...progress, steering, index, api, body, signal });
    } catch (error) {
      record.state = 'faulted';
      refuse(response, 400, String(error));
      return;
    }
    const cacheKey = textOf(body['prompt_cache_key']) || read.model;
    const prompt = JSON.stringify([read.instructions, body['tools'], read.input, steering]);
    const charged = reply.fault?.kind !== 'status' && reply.fault?.kind !== 'refuse';
    const usage = this.#meter.measure(cacheKey, prompt, reply);
    const createdAt = Math.floor(record.atMs / 1000);
    const words = spoken(reply, { id, model: read.model, createdAt, usage });
    const line: Writable<BillLine> = { index, id, usage, told: false };
    if (charged) this.#bill.push(line);
    this.#said.push({ text: words.text, callIds: words.calls.map((call) => call.id) });
    const answered = await answer(response, reply, dialectOf(api, words, body), signal);
    line.told = answered === 'whole' && words.usage !== null;
    record.state = answered === 'whole' ? 'sent' : answered;
  }
}

/** Starts a scripted model on a free port of 127.0.0.1. */
export function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  return ModelServer.start(options);
}

function dialectOf(api: Api, words: Spoken, body: Json): Dialect {
  if (api === 'responses') {
    return {
      events: responsesEvents(words),
      error: (error) => responsesError(words, error),
      textPiece: (text) => responsesPiece(words, 'text', text),
      callPiece: (text) => responsesPiece(words, 'call', text),
    };
  }
  const includeUsage = objectOf(body['stream_options'])['include_usage'] === true;
  return {
    events: chatEvents(words, { includeUsage }),
    error: chatError,
    textPiece: (text) => chatPiece(words, 'text', text),
    callPiece: (text) => chatPiece(words, 'call', text),
  };
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const error = { message, type: 'invalid_request_error', code: null, param: null };
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error }));
}
