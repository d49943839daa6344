import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';

export const accountRead = (): Handler<typeof requests.accountRead> => () => ({
  account: null,
  userId: null,
  requiresOpenaiAuth: false,
  workspaceRouting: null,
});
