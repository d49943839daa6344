import { ProtocolError } from '@goald/protocol';
import type { MutationContext } from '../store/mutation.js';
import type { RequestContext } from './request-context.js';
import type { Services } from './services.js';

/** Who asks, and under which key: stored with what the request changes. */
export function mutationContext(
  context: RequestContext,
  params: {
    readonly idempotencyKey?: string | null | undefined;
    readonly origin?: 'user' | 'automatic' | null | undefined;
  },
): MutationContext {
  return {
    actor: {
      kind: params.origin ?? 'user',
      clientName: context.session.clientInfo?.name ?? null,
      connectionId: context.session.id,
    },
    method: context.method,
    idempotencyKey: params.idempotencyKey ?? null,
  };
}

/** Throws feature_disabled when the goal API is switched off. */
export function assertGoals(services: Services): void {
  if (services.identity.goalsEnabled()) return;
  throw new ProtocolError(
    'feature_disabled',
    'Goals are switched off by features.goals in the configuration of the daemon.',
    { feature: 'goals' },
  );
}
