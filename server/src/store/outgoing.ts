import type { GoalEvent, NotificationMessage, ParamsInput } from '@goald/protocol';

/** Who gets a notification: every initialized client, or those subscribed to a thread. */
export type Audience =
  { readonly to: 'all' } | { readonly to: 'thread'; readonly threadId: string };

/** A notification on its way out. `emittedAtMs` is added where it is sent. */
export interface Outgoing {
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

/** What one transaction has to tell, in order. */
export interface Committed {
  readonly events: readonly GoalEvent[];
  readonly outgoing: readonly Outgoing[];
}
