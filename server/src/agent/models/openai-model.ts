import type { Config } from '@goald/protocol';
import type { OpenAI } from 'openai';
import type { Clock } from '../../engine/ports/clock.js';
import {
  ModelError,
  type AgentModel,
  type ModelEvent,
  type ModelRequest,
} from '../../engine/ports/model.js';
import { toModelError } from './model-errors.js';
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
    try {
      const chunks = this.#send(request, signal);
      for await (const chunk of chunks) {
        yield* tiered(reader.read(chunk), untiered);
        if (reader.closing) chunks.closeAfter(reader.closingMs);
      }
      yield* tiered(reader.end(), untiered);
    } catch (error) {
      signal.throwIfAborted();
      throw this.#failure(error, request, reader.outputSeen);
    }
  }

  #send(request: ModelRequest, signal: AbortSignal): GuardedStream<unknown> {
    const style: RequestStyle = {
      isOpenAi: this.#connection.isOpenAi,
      reasoningEffort: this.#config.reasoningEffort,
      refused: this.#refused.names(request.model),
    };
    return new GuardedStream<unknown>({
      open: async (requestSignal) =>
        this.#dialect.open(await this.#connection.client(), request, style, requestSignal),
      limits: {
        idleMs: this.#config.streamIdleTimeoutSeconds * 1000,
        totalMs: this.#config.requestTimeoutSeconds * 1000,
      },
      clock: this.#clock,
      signal,
    });
  }

  #failure(error: unknown, request: ModelRequest, outputSeen: boolean): ModelError {
    const failure = toModelError(error, {
      nowMs: this.#clock.now(),
      outputSeen,
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
