import type { Config } from '@goald/protocol';
import type { OpenAI } from 'openai';
import type { Clock } from '../../engine/ports/clock.js';
import {
  ModelError,
  type AgentModel,
  type ModelEvent,
  type ModelRequest,
} from '../../engine/ports/model.js';
import { AnswerLimit, OversizedAnswerError } from './answer-limit.js';
import { toModelError, type FailureContext } from './model-errors.js';
import { causesOf } from './network-failure.js';
import { OpenAiConnection } from './openai-connection.js';
import { RefusedParameters } from './refused-parameters.js';
import { GuardedStream } from './stream-guard.js';
import type { StreamReader } from './stream-reader.js';

/** What one request may look like, beside its content. */
export interface RequestStyle {
  readonly isOpenAi: boolean;
  readonly reasoningEffort: string | undefined;
  /** Optional parameters this server does not take. */
  readonly refused: ReadonlySet<string>;
}

/** One of OpenAI's wire APIs. */
export interface WireDialect {
  open(
    client: OpenAI,
    request: ModelRequest,
    style: RequestStyle,
    signal: AbortSignal,
  ): Promise<AsyncIterable<unknown>>;
  reader(): StreamReader;
}

/** A model behind an OpenAI-compatible server. */
export class OpenAiModel implements AgentModel {
  readonly provider = 'openai';
  readonly defaultModel: string;
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  readonly #config: Config['model'];
  readonly #dialect: WireDialect;
  readonly #connection: OpenAiConnection;
  readonly #clock: Clock;
  readonly #refused = new RefusedParameters();

  constructor(options: {
    config: Config['model'];
    apiKey: string | undefined;
    dialect: WireDialect;
    clock: Clock;
  }) {
    this.#config = options.config;
    this.defaultModel = options.config.name;
    this.contextWindow = options.config.contextWindow;
    this.maxOutputTokens = options.config.maxOutputTokens;
    this.#dialect = options.dialect;
    this.#clock = options.clock;
    this.#connection = new OpenAiConnection({
      apiKey: options.apiKey,
      baseUrl: options.config.baseUrl,
      timeoutMs: options.config.requestTimeoutSeconds * 1000,
    });
  }

  async *stream(
    request: ModelRequest,
    signal: AbortSignal,
  ): AsyncGenerator<ModelEvent, void, undefined> {
    const reader = this.#dialect.reader();
    // A server that refused the parameter serves its standard tier, and does not say so.
    const untiered = this.#refused.names(request.model).has('service_tier');
    const limit = new AnswerLimit(this.#config.maxAnswerBytes);
    const chunks = this.#send(request, signal);
    try {
      for await (const chunk of chunks) {
        yield* admitted(tiered(reader.read(chunk), untiered), limit);
        if (reader.closing) chunks.closeAfter(reader.closingMs);
      }
      yield* admitted(tiered(reader.end(), untiered), limit);
    } catch (error) {
      signal.throwIfAborted();
      if (causesOf(error).some((cause) => cause instanceof OversizedAnswerError)) {
        yield* limit.cut();
        return;
      }
      const { began } = chunks;
      throw this.#failure(error, request, { answerBegan: began, outputSeen: reader.outputSeen });
    }
  }

  async listModels(signal: AbortSignal): Promise<readonly string[]> {
    const client = await this.#connection.client(null);
    const { data } = await client.models.list({ signal });
    return data.map(({ id }) => id);
  }

  #send(request: ModelRequest, signal: AbortSignal): GuardedStream<unknown> {
    const { firstByteTimeoutSeconds, streamIdleTimeoutSeconds, requestTimeoutSeconds } =
      this.#config;
    const style: RequestStyle = {
      isOpenAi: this.#connection.isOpenAi,
      reasoningEffort: this.#config.reasoningEffort,
      refused: this.#refused.names(request.model),
    };
    const chunks: GuardedStream<unknown> = new GuardedStream<unknown>({
      open: async (requestSignal) => {
        const client = await this.#connection.client({
          onBytes: () => {
            chunks.touch();
          },
          // An event may hold the whole answer once more, with what it was asked.
          maxEventBytes: this.#config.maxAnswerBytes * 4,
        });
        return this.#dialect.open(client, request, style, requestSignal);
      },
      limits: {
        firstMs: firstByteTimeoutSeconds * 1000,
        idleMs: streamIdleTimeoutSeconds * 1000,
        totalMs: requestTimeoutSeconds * 1000,
      },
      clock: this.#clock,
      signal,
    });
    return chunks;
  }

  #failure(
    error: unknown,
    request: ModelRequest,
    seen: Pick<FailureContext, 'answerBegan' | 'outputSeen'>,
  ): ModelError {
    const failure = toModelError(error, {
      ...seen,
      nowMs: this.#clock.now(),
      secrets: this.#connection.secrets,
      server: this.#connection.server,
      model: request.model,
    });
    if (!this.#refused.learn(request.model, error)) return failure;
    return new ModelError({
      kind: 'transient',
      message: `${failure.message} (it is left out from now on)`,
      status: failure.status,
      retryAfterMs: 0,
    });
  }
}

function tiered(events: readonly ModelEvent[], untiered: boolean): readonly ModelEvent[] {
  if (!untiered) return events;
  return events.map((event) =>
    event.type === 'completed' ? { ...event, serviceTier: event.serviceTier ?? 'default' } : event,
  );
}

function* admitted(
  events: readonly ModelEvent[],
  limit: AnswerLimit,
): Generator<ModelEvent, void, undefined> {
  for (const event of events) {
    limit.admit(event);
    yield event;
  }
}
