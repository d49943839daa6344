import { PROTOCOL_VERSION, REFERENCE_VERSION, type requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const initialize =
  ({ identity }: Services): Handler<typeof requests.initialize> =>
  ({ clientInfo, capabilities }, { session }) => {
    session.initialize(clientInfo, capabilities);
    return {
      // Clients of the reference take the first version for that of the dialect, and warn of one older than theirs.
      userAgent: `app-server/${REFERENCE_VERSION} goald/${identity.version} (${process.platform}; ${process.arch}) ${clientInfo.name}/${clientInfo.version}`,
      codexHome: identity.home,
      platformFamily: 'unix',
      platformOs: process.platform === 'darwin' ? 'macos' : process.platform,
      serverInfo: {
        name: 'goald',
        version: identity.version,
        protocolVersion: PROTOCOL_VERSION,
      },
      storeEpoch: identity.storeEpoch,
      headSeq: identity.headSeq(),
      storeNotice: identity.storeNotice(),
    };
  };
