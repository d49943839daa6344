import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';

export const permissionProfileList = (): Handler<typeof requests.permissionProfileList> => () => ({
  data: [],
  nextCursor: null,
});
