import type { requests } from '@goald/protocol';
import { pageOf } from '../page.js';
import type { Handler } from '../router.js';

export const permissionProfileList =
  (): Handler<typeof requests.permissionProfileList> => (params) =>
    pageOf([], params);
