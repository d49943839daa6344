import { notifications, type requests } from '@goald/protocol';
import { notificationText } from '../../events/broadcaster.js';
import { collaborationView } from '../../threads/collaboration.js';
import { mutationContext } from '../mutation-context.js';
import { subscribeThread } from '../subscribe-thread.js';
import { threadSettings } from '../thread-settings.js';
import type { Handler } from '../router.js';
import type { RequestContext } from '../request-context.js';
import type { Services } from '../services.js';

export const threadResume =
  (services: Services): Handler<typeof requests.threadResume> =>
  async (params, context) => {
    const row = await services.threads.configure(
      params.threadId,
      params,
      mutationContext(context, params),
    );
    subscribeThread(services, context, row.id);
    context.afterResponse(() => {
      tellGoal(services, context, row.id);
    });
    const page = params.initialTurnsPage;
    const thread = services.threadQueries.read(row.id, params.excludeTurns !== true);
    const settings = await threadSettings(services, row, thread);
    return {
      ...settings,
      collaborationMode: collaborationView(row, settings.model),
      initialTurnsPage: page == null ? null : services.threadQueries.turns(row.id, page),
      turnsBackwardsCursor: null,
      itemsBackwardsCursor: null,
    };
  };

/** Who joins hears of the goal at once, not with its next change. */
function tellGoal(services: Services, { session }: RequestContext, threadId: string): void {
  const goal = services.identity.goalsEnabled() ? services.goals.get(threadId) : null;
  if (goal === null) return;
  const { method } = notifications.threadGoalUpdated;
  const params = { threadId, turnId: null, goal };
  session.outlet.notify(notificationText(method, params, Date.now()), method);
}
