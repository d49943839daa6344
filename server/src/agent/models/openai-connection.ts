import type { OpenAI } from 'openai';
import { modelFetch, type ModelFetchOptions } from './model-fetch.js';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';
// Servers on one's own machine want a key in form only.
const NO_KEY = 'no-key';

/** Where an OpenAI-compatible server is, and the clients for it. */
export class OpenAiConnection {
  readonly #apiKey: string | undefined;
  readonly #baseUrl: string;
  readonly #timeoutMs: number;

  constructor(options: {
    apiKey: string | undefined;
    baseUrl: string | undefined;
    timeoutMs: number;
  }) {
    this.#apiKey = options.apiKey;
    this.#baseUrl = options.baseUrl ?? DEFAULT_BASE_URL;
    this.#timeoutMs = options.timeoutMs;
  }

  /** True for OpenAI's own servers, which take parameters that others refuse. */
  get isOpenAi(): boolean {
    const host = new URL(this.#baseUrl).hostname;
    return host === 'openai.com' || host.endsWith('.openai.com');
  }

  /** The server as a person may read it: scheme, host and port. */
  get server(): string {
    return new URL(this.#baseUrl).origin;
  }

  /** Texts that must not show up in messages. */
  get secrets(): readonly string[] {
    const url = new URL(this.#baseUrl);
    return [this.#apiKey ?? '', url.password, ...url.searchParams.values()].filter(
      (secret) => secret !== '',
    );
  }

  /** A client for one request; without `watch` its answer is no stream. It retries nothing, logs nothing, and takes key, server and organisation from here, not from the environment. */
  async client(watch: ModelFetchOptions | null): Promise<OpenAI> {
    const { OpenAI } = await import('openai');
    return new OpenAI({
      apiKey: this.#apiKey ?? NO_KEY,
      baseURL: this.#baseUrl,
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      timeout: this.#timeoutMs,
      logLevel: 'off',
      fetch: watch === null ? fetch : modelFetch(watch),
    });
  }
}
