import type { GoaldClient } from '@goald/client';
import { homeId, type Origin } from '@goald/protocol';
import type { App } from '../app.js';

/**
 * In whose name a command asks. An agent that runs `goal` against the daemon it works for is not the user: such a daemon lets it pause
 * and clear, never set, answer or resume.
 */
export function originOf({ terminal }: App, client: GoaldClient): Origin {
  const owner = terminal.env['GOALD_OWNER'];
  return owner === homeId(client.server.codexHome) ? 'automatic' : 'user';
}
