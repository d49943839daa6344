import { REFERENCE_NOT_SERVED } from '@goald/protocol';
import { Broadcaster } from '../events/broadcaster.js';
import { Subscriptions } from '../events/subscriptions.js';
import type { ConnectionSet } from '../rpc/connection-set.js';
import { createHandlers } from '../rpc/handlers/index.js';
import { Router } from '../rpc/router.js';
import type { ServerIdentity } from '../rpc/services.js';
import type { Domain } from './create-services.js';
import type { OpenStore } from './open-store.js';

export interface WireOptions {
  readonly now: () => number;
  /** Logs an unforeseen error under the incident's id. Must not throw. */
  readonly onIncident: (error: unknown, where: string, incidentId?: string) => void;
}

export interface Wire {
  /** The router over the services. */
  route(services: Domain['services'], identity: ServerIdentity): Router;
}

/** Tells every commit to the clients from now on. */
export function createWire(
  { store, group, outbox, storeEpoch }: OpenStore,
  connections: ConnectionSet,
  { now, onIncident }: WireOptions,
): Wire {
  const subscriptions = new Subscriptions({ store, storeEpoch, now });
  const broadcaster = new Broadcaster({ sink: connections, now });
  outbox.listen((committed) => {
    broadcaster.send(committed);
    subscriptions.offer(committed.events);
  });
  return {
    route: (services, identity) => {
      const onProblem = (error: unknown): void => {
        onIncident(error, 'after a commit');
      };
      return new Router({
        group,
        notServed: REFERENCE_NOT_SERVED,
        answers: services.answers,
        handlers: createHandlers({
          ...services,
          identity,
          events: store.events,
          subscriptions,
          onProblem,
        }),
        onIncident: (incidentId, error, method) => {
          onIncident(error, method, incidentId);
        },
      });
    },
  };
}
