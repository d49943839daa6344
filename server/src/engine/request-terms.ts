import type { Config } from '@goald/protocol';
import { isFast, priceOf, servedTier, tierOf, type Price, type Tier } from '../goals/price.js';
import type { Repositories } from '../store/repositories/index.js';

/** What the next request of a thread asks for, and what it will be charged by. */
export interface RequestTerms {
  readonly model: string;
  /** In force now; null: not known. */
  readonly price: Price | null;
  /** Tier to ask for. */
  readonly serviceTier: Tier;
  /** Tier to reckon with: who was served the dearer one unasked is likely to be served it again. */
  readonly tier: string;
}

export function requestTerms(
  { threads, ledger }: Repositories,
  threadId: string,
  { config, defaultModel }: { config: Config; defaultModel: string },
): RequestTerms {
  const thread = threads.find(threadId);
  const model = thread?.model ?? defaultModel;
  const serviceTier = tierOf(thread?.service_tier ?? null, config);
  const last = ledger.lastMeasured(threadId)?.service_tier ?? '';
  return {
    model,
    price: priceOf(config, model),
    serviceTier,
    tier: servedTier(serviceTier, isFast(last) ? 'priority' : null),
  };
}
