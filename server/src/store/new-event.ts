import type { EventType } from '@goald/protocol';

/** A durable event about to be written; absent fields are null. */
export interface NewEvent {
  readonly type: EventType;
  readonly threadId?: string | null;
  readonly goalId?: string | null;
  readonly turnId?: string | null;
  readonly revision?: number | null;
  readonly data?: Readonly<Record<string, unknown>>;
}
