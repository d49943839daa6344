import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadRead =
  (services: Services): Handler<typeof requests.threadRead> =>
  ({ threadId, includeTurns }) => ({
    thread: services.threadQueries.read(threadId, includeTurns ?? false),
    readState: services.readStates.of(threadId),
  });
