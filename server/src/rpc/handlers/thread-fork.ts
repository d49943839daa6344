import type { requests } from '@goald/protocol';
import { mutationContext } from '../mutation-context.js';
import { threadSettings } from '../thread-settings.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadFork =
  (services: Services): Handler<typeof requests.threadFork> =>
  async (params, context) => {
    const { threads, threadQueries, forks } = services;
    const mutation = mutationContext(context, params);
    threads.assertKept(params.ephemeral);
    const id = forks.fork(params, mutation);
    const row = await threads.configure(id, params, { ...mutation, idempotencyKey: null });
    context.session.threads.add(id);
    const thread = threadQueries.read(id, params.excludeTurns !== true);
    return threadSettings(services, row, thread);
  };
