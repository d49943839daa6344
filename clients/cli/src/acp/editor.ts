import type { SessionUpdate } from '@agentclientprotocol/sdk';

/** The editor at the other end of stdio, as a session sees it. */
export interface Editor {
  /** Sends what happened in a session. In order; never throws: an editor that is gone needs no update. */
  update(sessionId: string, update: SessionUpdate): void;
}
