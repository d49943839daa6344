import type { requests } from '@goald/protocol';
import type { Handler } from '../router.js';

export const collaborationModeList = (): Handler<typeof requests.collaborationModeList> => () => ({
  data: [
    { name: 'Plan', mode: 'plan', model: null, reasoning_effort: null },
    { name: 'Default', mode: 'default', model: null, reasoning_effort: null },
  ],
});
