import { ProtocolError, requests } from '@goald/protocol';
import { MAX_SUBSCRIPTIONS } from '../limits.js';
import { assertGoals } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalSubscribe =
  (services: Services): Handler<typeof requests.goalSubscribe> =>
  (params, context) => {
    assertGoals(services);
    const { session } = context;
    if (session.owned >= MAX_SUBSCRIPTIONS) throw tooMany();
    const { subscriptions, identity } = services;
    const subscription = subscriptions.open(
      {
        sinceSeq: params.sinceSeq ?? undefined,
        storeEpoch: params.storeEpoch ?? undefined,
        threadIds: params.threadIds ?? undefined,
        types: params.types ?? undefined,
      },
      {
        notify: (text, method) => {
          session.outlet.notify(text, method);
        },
        drained: () => session.outlet.drained(),
        get bufferedBytes() {
          return session.outlet.bufferedBytes;
        },
        get closed() {
          return session.closed;
        },
      },
    );
    session.own(subscription.id, {
      [Symbol.asyncDispose]: () => {
        subscriptions.close(subscription.id);
        return Promise.resolve();
      },
    });
    context.afterResponse(() => {
      subscription.start().catch((error: unknown) => {
        services.onProblem(error);
        session.outlet.close(1011, 'the subscription failed: connect again with your cursor');
      });
    });
    return {
      subscriptionId: subscription.id,
      headSeq: identity.headSeq(),
      storeEpoch: subscriptions.storeEpoch,
    };
  };

function tooMany(): ProtocolError {
  return new ProtocolError(
    'invalid_request',
    `This connection has ${String(MAX_SUBSCRIPTIONS)} event subscriptions, and no more are possible: end some with ${requests.goalUnsubscribe.method}, or ask for several threads in one by threadIds.`,
    { max: MAX_SUBSCRIPTIONS },
  );
}
