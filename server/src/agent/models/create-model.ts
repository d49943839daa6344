import type { Config, WireApi } from '@goald/protocol';
import type { Clock } from '../../engine/ports/clock.js';
import type { AgentModel } from '../../engine/ports/model.js';
import { chatDialect } from './openai-chat.js';
import { OpenAiModel, type WireDialect } from './openai-model.js';
import { responsesDialect } from './openai-responses.js';
import { ReplayModel } from './replay.js';
import { UnavailableModel } from './unavailable-model.js';

const DIALECTS: Readonly<Record<WireApi, WireDialect>> = {
  responses: responsesDialect,
  chat: chatDialect,
};

/**
 * The model of a configuration. Never throws and opens no connection: a model that cannot work says so at its first
 * request, with a ModelError of kind notConfigured.
 */
export function createModel(options: {
  config: Config['model'];
  apiKey: string | undefined;
  clock: Clock;
}): AgentModel {
  const { config, clock } = options;
  const apiKey = options.apiKey === '' ? undefined : options.apiKey;
  switch (config.provider) {
    case 'replay':
      return config.transcript === undefined
        ? new UnavailableModel(
            config,
            'No transcript to replay: set model.transcript in config.json to its absolute path.',
          )
        : new ReplayModel({ config, transcript: config.transcript });
    case 'openai':
      return apiKey === undefined && config.baseUrl === undefined
        ? new UnavailableModel(
            config,
            'No model is configured: set OPENAI_API_KEY, or OPENAI_BASE_URL for a local server, and start goald again.',
          )
        : new OpenAiModel({ config, apiKey, dialect: DIALECTS[config.wireApi], clock });
  }
}
