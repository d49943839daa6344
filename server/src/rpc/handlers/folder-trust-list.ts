import type { requests } from '@goald/protocol';
import type { Actor } from '../../store/mutation.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const folderTrustList =
  (services: Services): Handler<typeof requests.folderTrustList> =>
  () => ({
    data: services.projects.list().map((row) => ({
      root: row.root,
      trust: row.level,
      decidedAtMs: row.decided_at_ms,
      decidedBy: (JSON.parse(row.actor_json) as Actor).clientName,
    })),
  });
