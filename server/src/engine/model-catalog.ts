import type { Config, ListedModel } from '@goald/protocol';
import type { AgentModel } from './ports/model.js';

export interface ModelCatalogOptions {
  readonly config: () => Config;
  readonly model: () => AgentModel;
}

/** A client waits for the list before it shows anything: a provider that is slow or gone must not keep it. */
const ANSWER_WITHIN_MS = 2000;
const KEPT_MS = 60_000;
const MOST = 500;

/** The effort that a model is said to have where the configuration asks for none: the provider decides. */
const PROVIDERS_EFFORT = 'none';

/** The models a thread can name: the configuration's, those with a price, and what the provider says it offers. */
export class ModelCatalog {
  readonly #options: ModelCatalogOptions;
  #asked: {
    readonly of: AgentModel;
    readonly untilMs: number;
    readonly names: Promise<string[]>;
  } | null = null;

  constructor(options: ModelCatalogOptions) {
    this.#options = options;
  }

  /** The configuration's own first. Never rejects: a provider that does not answer offers nothing more. */
  async list(): Promise<ListedModel[]> {
    const { config, model } = this.#options;
    const { defaultModel } = model();
    const priced = Object.keys(config().pricing).filter((name) => name !== '*');
    const offered = await this.#offered();
    const names = [...new Set([defaultModel, ...priced, ...offered])].slice(0, MOST);
    const effort = config().model.reasoningEffort ?? PROVIDERS_EFFORT;
    return names.map((name) => listed(name, { effort, isDefault: name === defaultModel }));
  }

  #offered(): Promise<string[]> {
    const nowMs = performance.now();
    const model = this.#options.model();
    if (this.#asked?.of === model && nowMs < this.#asked.untilMs) return this.#asked.names;
    const names = model.listModels(AbortSignal.timeout(ANSWER_WITHIN_MS)).then(
      (offered) => [...offered].sort(),
      () => [],
    );
    this.#asked = { of: model, untilMs: nowMs + KEPT_MS, names };
    return names;
  }
}

function listed(
  name: string,
  { effort, isDefault }: { effort: string; isDefault: boolean },
): ListedModel {
  return {
    id: name,
    model: name,
    upgrade: null,
    upgradeInfo: null,
    availabilityNux: null,
    displayName: name,
    description: isDefault ? 'The model of goald’s configuration.' : '',
    modelSpecialty: null,
    hidden: false,
    supportedReasoningEfforts: [
      { reasoningEffort: effort, description: 'As the configuration of goald says.' },
    ],
    defaultReasoningEffort: effort,
    inputModalities: ['text'],
    supportsPersonality: false,
    multiAgentVersion: null,
    additionalSpeedTiers: [],
    serviceTiers: [
      {
        id: 'priority',
        name: 'Fast',
        description: 'The provider’s priority tier: sooner, and dearer.',
      },
    ],
    defaultServiceTier: null,
    availableAccessPrograms: null,
    isDefault,
  };
}
