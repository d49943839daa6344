import type { GoaldClient } from '@goald/client';
import { type GoalEvent, requests, type ThreadItem, type Turn } from '@goald/protocol';

const TURNS_A_PAGE = 20;
const EVENTS_A_PAGE = 1000;

/** Something of a thread's past, in the order in which it happened. */
export type Past =
  | { readonly kind: 'item'; readonly item: ThreadItem; readonly done: boolean }
  | { readonly kind: 'event'; readonly event: GoalEvent };

/** All turns of a thread with all their items, oldest first; `after`: only from that turn on. */
export async function readTurns(
  client: GoaldClient,
  threadId: string,
  after: string | null,
): Promise<readonly Turn[]> {
  const turns: Turn[] = [];
  let cursor: string | null = null;
  do {
    const page: { data: Turn[]; nextCursor: string | null } = await client.request(
      requests.threadTurnsList,
      { threadId, cursor, limit: TURNS_A_PAGE, sortDirection: 'desc', itemsView: 'full' },
    );
    const known = page.data.findIndex((turn) => turn.id === after);
    turns.push(...(known < 0 ? page.data : page.data.slice(0, known + 1)));
    cursor = known < 0 ? page.nextCursor : null;
  } while (cursor !== null);
  return turns.reverse();
}

/** The stored events of a thread, oldest first. */
export async function readEvents(
  client: GoaldClient,
  threadId: string,
): Promise<readonly GoalEvent[]> {
  const events: GoalEvent[] = [];
  for (;;) {
    const { data } = await client.request(requests.goalEventsList, {
      threadId,
      sinceSeq: events.at(-1)?.seq ?? null,
      limit: EVENTS_A_PAGE,
    });
    events.push(...data);
    if (data.length < EVENTS_A_PAGE) return events;
  }
}

/** What comes before the items that it leads to. */
const LEADING: readonly GoalEvent['type'][] = ['goal.created', 'goal.edited', 'turn.started'];

/** Items and events in the order in which they happened. */
export function pastOf(turns: readonly Turn[], events: readonly GoalEvent[]): readonly Past[] {
  const items = turns.flatMap((turn) =>
    turn.items.map((item) => ({
      atMs: item.startedAtMs ?? (turn.startedAt ?? 0) * 1000,
      rank: 1,
      past: { kind: 'item', item, done: isDone(turn, item) } as const,
    })),
  );
  const told = events.map((event) => ({
    atMs: event.atMs,
    rank: LEADING.includes(event.type) ? 0 : 2,
    past: { kind: 'event', event } as const,
  }));
  const all: { atMs: number; rank: number; past: Past }[] = [...items, ...told];
  // Sorting keeps the order of what is equal.
  all.sort((one, other) => one.atMs - other.atMs || one.rank - other.rank);
  return all.map(({ past }) => past);
}

/** Whether an item will not change any more. */
export function isDone(turn: Turn, item: ThreadItem): boolean {
  return turn.status !== 'inProgress' || item.completedAtMs != null;
}
