import type { Config } from '@goald/protocol';
import { ModelError, type AgentModel, type ModelEvent } from '../../engine/ports/model.js';

/** Stands in where no model is configured: every request fails with words that say what to set. */
export class UnavailableModel implements AgentModel {
  readonly provider: string;
  readonly defaultModel: string;
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  readonly #reason: string;

  constructor(config: Config['model'], reason: string) {
    this.provider = config.provider;
    this.defaultModel = config.name;
    this.contextWindow = config.contextWindow;
    this.maxOutputTokens = config.maxOutputTokens;
    this.#reason = reason;
  }

  listModels(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  stream(): AsyncIterable<ModelEvent> {
    const error = new ModelError({ kind: 'notConfigured', message: this.#reason });
    return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
  }
}
