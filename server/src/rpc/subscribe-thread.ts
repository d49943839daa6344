import { requestText } from '../events/broadcaster.js';
import type { RequestContext } from './request-context.js';
import type { Services } from './services.js';

/** From now on this client gets what happens in a thread; what people are asked there, it is asked too. */
export function subscribeThread(
  services: Services,
  context: RequestContext,
  threadId: string,
): void {
  const { session } = context;
  if (session.threads.has(threadId)) return;
  session.threads.add(threadId);
  context.afterResponse(() => {
    for (const { method, params, requestId } of services.openRequests(threadId)) {
      if (requestId === undefined || !session.asks(method)) continue;
      session.outlet.notify(requestText(method, requestId, params), method);
    }
  });
}
