import type { requests } from '@goald/protocol';
import { pageOf } from '../page.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const modelList =
  ({ models }: Services): Handler<typeof requests.modelList> =>
  async (params) =>
    pageOf(await models.list(), params);
