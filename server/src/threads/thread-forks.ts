import { notifications, ProtocolError, type ThreadItem } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { MutationContext, Mutations } from '../store/mutation.js';
import { outgoing } from '../store/outgoing.js';
import type { ItemRow } from '../store/repositories/items.js';
import type { Repositories } from '../store/repositories/index.js';
import type { ThreadRow } from '../store/repositories/threads.js';
import type { TurnRow } from '../store/repositories/turns.js';
import type { ThreadService } from './thread-service.js';

export interface ForkRequest {
  readonly threadId: string;
  readonly lastTurnId?: string | null | undefined;
  readonly beforeTurnId?: string | null | undefined;
  readonly threadSource?: string | null | undefined;
}

export interface ThreadForksOptions {
  readonly repositories: Repositories;
  readonly mutations: Mutations;
  readonly threads: ThreadService;
}

/** Threads that begin with the history of another: turns and items under ids of their own, no goal, nothing charged. */
export class ThreadForks {
  readonly #options: ThreadForksOptions;

  constructor(options: ThreadForksOptions) {
    this.#options = options;
  }

  /** Answers the new thread's id. Throws thread_not_found and turn_not_found. */
  fork(request: ForkRequest, context: MutationContext): string {
    const { mutations, repositories, threads } = this.#options;
    return mutations.run(context, (tx) => {
      const source = threads.require(request.threadId);
      const turns = this.#turns(request);
      const id = uuid();
      repositories.threads.insert({
        ...source,
        id,
        forked_from_id: source.id,
        thread_source: request.threadSource ?? source.thread_source,
        originator: context.actor.clientName,
        mode: 'default',
        mode_instructions: null,
        unread_from: null,
        read_revision: null,
        archived: 0,
        fence: 0,
        created_at_ms: tx.nowMs,
        updated_at_ms: tx.nowMs,
      });
      repositories.threadMcp.put(id, repositories.threadMcp.find(source.id));
      this.#copy(source, id, turns);
      const thread = threads.view(threads.require(id));
      tx.tell(outgoing(notifications.threadStarted, { thread }, { to: 'all' }));
      return { id };
    }).id;
  }

  /** The turns to copy, oldest first: one in flight is not history yet. */
  #turns({ threadId, lastTurnId, beforeTurnId }: ForkRequest): readonly TurnRow[] {
    const { turns } = this.#options.repositories;
    const all = turns
      .list(threadId, { descending: false })
      .filter((turn) => turn.status !== 'inProgress');
    const at = (turnId: string): number => {
      const index = all.findIndex((turn) => turn.id === turnId);
      if (index !== -1) return index;
      throw new ProtocolError(
        'turn_not_found',
        `Thread ${threadId} has no turn ${turnId} that is over.`,
        { turnId },
      );
    };
    if (lastTurnId != null) return all.slice(0, at(lastTurnId) + 1);
    return beforeTurnId == null ? all : all.slice(0, at(beforeTurnId));
  }

  #copy(source: ThreadRow, threadId: string, turns: readonly TurnRow[]): void {
    const { repositories } = this.#options;
    const items: ItemRow[] = [];
    for (const [index, turn] of turns.entries()) {
      const id = uuid();
      repositories.turns.insert({
        ...turn,
        id,
        thread_id: threadId,
        goal_id: null,
        guard_json: null,
        fence: 0,
        ordinal: index + 1,
      });
      for (const item of repositories.items.ofTurn(turn.id)) {
        items.push(item);
        repositories.items.insert(copied(item, threadId, id));
      }
    }
    this.#copyCompaction(source.id, threadId, items);
  }

  /** A summary stands for the items before it; one that stands for more than was copied would tell of what was left out. */
  #copyCompaction(from: string, threadId: string, items: readonly ItemRow[]): void {
    const { compactions } = this.#options.repositories;
    const row = compactions.find(from);
    const last = items.at(-1)?.ordinal ?? 0;
    if (row === undefined || row.through_ordinal > last) return;
    const through = items.filter((item) => item.ordinal <= row.through_ordinal).length;
    compactions.put({ ...row, thread_id: threadId, through_ordinal: through });
  }
}

function copied(item: ItemRow, threadId: string, turnId: string): Omit<ItemRow, 'ordinal'> {
  const id = uuid();
  const wire = { ...(JSON.parse(item.wire_json) as ThreadItem), id };
  const { ordinal: _, ...row } = item;
  return {
    ...row,
    id,
    thread_id: threadId,
    turn_id: turnId,
    request_id: null,
    wire_json: JSON.stringify(wire),
  };
}
