import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';
import { settingsNews } from '../settings-news.js';

export const threadSettingsUpdate =
  (services: Services): Handler<typeof requests.threadSettingsUpdate> =>
  async (params, context) => {
    const mutation = mutationContext(context, params);
    await services.threads.configure(params.threadId, params, mutation, (row) =>
      settingsNews(services, row),
    );
    return {};
  };
