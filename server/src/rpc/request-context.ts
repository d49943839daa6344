import type { Session } from './session.js';

/** What a handler knows of the request it answers. */
export interface RequestContext {
  readonly session: Session;
  /** Aborted by $/cancelRequest and when the connection is gone. */
  readonly signal: AbortSignal;
  readonly method: string;
  /** Calls `callback` once, right after the response has been queued; never when the connection is gone. It must not throw. */
  afterResponse(callback: () => void): void;
}
