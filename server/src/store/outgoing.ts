import type { GoalEvent, NotificationMessage, ParamsInput, RequestMessage } from '@goald/protocol';

/** Who is told: every initialized client, those subscribed to a thread, or those of them that ask a person. */
export type Audience =
  | { readonly to: 'all' }
  | { readonly to: 'thread'; readonly threadId: string }
  | { readonly to: 'people'; readonly threadId: string };

/** A notification on its way out, to which `emittedAtMs` is added where it is sent; or a request to clients. */
export interface Outgoing {
  /** Of a request: the id under which it is answered. */
  readonly requestId?: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly audience: Audience;
}

/** Builds an outgoing notification, checked against its message's type. */
export function outgoing<M extends NotificationMessage>(
  message: M,
  params: Omit<ParamsInput<M>, 'emittedAtMs'>,
  audience: Audience,
): Outgoing {
  return { method: message.method, params, audience };
}

/** Builds a request to the clients of a thread that ask a person. */
export function asking<M extends RequestMessage>(
  message: M,
  requestId: string,
  params: ParamsInput<M>,
  threadId: string,
): Outgoing {
  const plain: object = params ?? {};
  return {
    requestId,
    method: message.method,
    params: { ...plain },
    audience: { to: 'people', threadId },
  };
}

/** What one transaction has to tell, in order. */
export interface Committed {
  readonly events: readonly GoalEvent[];
  readonly outgoing: readonly Outgoing[];
}
