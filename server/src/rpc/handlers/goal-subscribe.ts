import type { requests } from '@goald/protocol';
import { assertGoals } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const goalSubscribe =
  (services: Services): Handler<typeof requests.goalSubscribe> =>
  (params, context) => {
    assertGoals(services);
    const { session } = context;
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
