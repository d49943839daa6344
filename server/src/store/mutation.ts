import { ProtocolError } from '@goald/protocol';
import type { IdempotencyRepository } from './repositories/idempotency.js';
import type { Store, Tx } from './store.js';

/** Who causes a change. Stored with the event it leads to. */
export interface Actor {
  readonly kind: 'user' | 'automatic' | 'model' | 'runtime';
  readonly clientName: string | null;
  readonly connectionId: string | null;
}

export const RUNTIME_ACTOR: Actor = { kind: 'runtime', clientName: null, connectionId: null };
export const MODEL_ACTOR: Actor = { kind: 'model', clientName: null, connectionId: null };

/** What a handler knows of the mutation it runs. */
export interface MutationContext {
  readonly actor: Actor;
  readonly method: string;
  readonly idempotencyKey: string | null;
}

/** Runs client mutations: each in one transaction, each key once. */
export class Mutations {
  readonly #store: Store;
  readonly #idempotency: IdempotencyRepository;

  constructor(store: Store, idempotency: IdempotencyRepository) {
    this.#store = store;
    this.#idempotency = idempotency;
  }

  /** True when a mutation with this key and method has already succeeded. */
  wasRun(context: MutationContext): boolean {
    const { idempotencyKey: key, method } = context;
    if (key === null) return false;
    return this.#store.write((tx) => this.#idempotency.find(key, tx.nowMs)?.method === method);
  }

  /** `work` answers JSON. A repeated key answers the first result without running it. */
  run<T>(context: MutationContext, work: (tx: Tx) => T): T {
    return this.#store.write((tx) => {
      const key = context.idempotencyKey;
      if (key === null) return work(tx);
      const known = this.#idempotency.find(key, tx.nowMs);
      if (known !== undefined) {
        if (known.method !== context.method) {
          throw new ProtocolError(
            'invalid_request',
            `The idempotencyKey was already used for ${known.method}: make a new one for each mutation.`,
          );
        }
        return known.result as T;
      }
      const result = work(tx);
      this.#idempotency.save(key, context.method, result, tx.nowMs);
      return result;
    });
  }
}
