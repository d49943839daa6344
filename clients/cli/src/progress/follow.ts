import type { EventStream, GoaldClient } from '@goald/client';
import {
  type EventType,
  type Goal,
  type GoalEvent,
  notifications,
  requests,
} from '@goald/protocol';
import type { ProgressInput } from './view.js';

/** Takes what happens to a goal, in order. */
export interface FollowSink {
  event(event: GoalEvent): Promise<void>;
  /** What is not durable: the live part. */
  input(input: ProgressInput): void;
}

export type FollowEnd =
  | { readonly kind: 'stopped'; readonly goal: Goal }
  | { readonly kind: 'cleared' }
  | { readonly kind: 'detached' };

// After a goal stopped its turn still ends: processes are killed, the last events are written.
const LAST_EVENTS_MS = 5000;

// Each change of a goal's revision comes with one of these, or with its end.
const DEFINING: readonly EventType[] = [
  'goal.created',
  'goal.edited',
  'goal.statusChanged',
  'goal.cleared',
];

/**
 * Follows one goal until it stops, is cleared, or `signal` aborts. `stream` must carry the thread's events and must have been opened
 * before the goal was read or set. `turnOpen`: whether a turn is in flight where the stream begins. Rejects as the stream does.
 */
export async function followGoal(options: {
  readonly client: GoaldClient;
  readonly threadId: string;
  readonly stream: EventStream;
  readonly sink: FollowSink;
  readonly turnOpen: boolean;
  readonly signal: AbortSignal;
}): Promise<FollowEnd> {
  const { client, threadId, stream, sink, signal } = options;
  const listeners = listen(client, threadId, sink);
  const stop = (): void => void stream.return();
  signal.addEventListener('abort', stop, { once: true });
  let turnOpen = options.turnOpen;
  let end: FollowEnd | null = null;
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const event of stream) {
      await sink.event(event);
      if (event.type === 'turn.started') turnOpen = true;
      if (event.type === 'turn.completed') turnOpen = false;
      if (DEFINING.includes(event.type)) {
        clearTimeout(timer);
        end = await endAt(client, threadId, event);
        if (end !== null) timer = setTimeout(stop, LAST_EVENTS_MS);
      }
      if (end !== null && !turnOpen) break;
    }
    return end !== null && !signal.aborted ? end : { kind: 'detached' };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    for (const listener of listeners) listener[Symbol.dispose]();
  }
}

/** How the goal has ended, if this event is the one that says so: an older one of a backfill is followed by others that matter. */
async function endAt(
  client: GoaldClient,
  threadId: string,
  event: GoalEvent,
): Promise<FollowEnd | null> {
  const end = await endOf(client, threadId);
  if (end?.kind !== 'stopped') return event.type === 'goal.cleared' ? end : null;
  return (event.revision ?? end.goal.revision) >= end.goal.revision ? end : null;
}

/** Whether a turn of this goal is in flight, as far as its phase tells. */
export function turnInFlight(goal: Goal): boolean {
  const { status, phase } = goal;
  return status === 'active' && phase !== 'queued' && phase !== 'planning' && phase !== 'waiting';
}

/** How the goal has ended, or null while it is active. */
async function endOf(client: GoaldClient, threadId: string): Promise<FollowEnd | null> {
  const { goal } = await client.request(requests.threadGoalGet, { threadId });
  if (goal === null) return { kind: 'cleared' };
  return goal.status === 'active' ? null : { kind: 'stopped', goal };
}

function listen(client: GoaldClient, threadId: string, sink: FollowSink): readonly Disposable[] {
  return [
    client.on(notifications.threadGoalUpdated, (params) => {
      if (params.threadId !== threadId) return;
      sink.input({ kind: 'goal', goal: params.goal, atMs: params.emittedAtMs });
    }),
    client.on(notifications.itemStarted, (params) => {
      if (params.threadId !== threadId) return;
      sink.input({ kind: 'itemStarted', item: params.item, atMs: params.startedAtMs });
    }),
    ...[notifications.agentMessageDelta, notifications.planDelta].map((message) =>
      client.on(message, (params) => {
        if (params.threadId !== threadId) return;
        sink.input({ kind: 'messageDelta', itemId: params.itemId, delta: params.delta });
      }),
    ),
    client.onState(({ status }) => {
      if (status !== 'closed')
        sink.input({ kind: 'connection', connected: status === 'connected' });
    }),
  ];
}
