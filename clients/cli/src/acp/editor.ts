import type {
  CreateElicitationRequest,
  CreateElicitationResponse,
  RequestPermissionRequest,
  RequestPermissionResponse,
  SessionUpdate,
} from '@agentclientprotocol/sdk';

/** The editor at the other end of stdio, as a session sees it. */
export interface Editor {
  /** It can ask its user for words. Every editor can ask for permission. */
  readonly hasForms: boolean;
  /** Sends what happened in a session. In order; never throws: an editor that is gone needs no update. */
  update(sessionId: string, update: SessionUpdate): void;
  /** Rejects when the editor cannot ask, and when `signal` aborts. */
  requestPermission(
    request: RequestPermissionRequest,
    signal: AbortSignal,
  ): Promise<RequestPermissionResponse>;
  /** The same for words. */
  askInForm(
    request: CreateElicitationRequest,
    signal: AbortSignal,
  ): Promise<CreateElicitationResponse>;
}
