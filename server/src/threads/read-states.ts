import {
  notifications,
  ProtocolError,
  type ParamsOf,
  type ReadState,
  type threadReadStateUpdate,
} from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { MutationContext, Mutations } from '../store/mutation.js';
import { outgoing } from '../store/outgoing.js';
import type { Repositories } from '../store/repositories/index.js';
import type { ThreadRow } from '../store/repositories/threads.js';
import type { Tx } from '../store/store.js';
import type { ThreadService } from './thread-service.js';

export interface ReadStatesOptions {
  readonly repositories: Repositories;
  readonly mutations: Mutations;
  readonly threads: ThreadService;
}

const START = 'start';

/** What a person has read of threads. One person has one daemon, so it is the same for all their clients. */
export class ReadStates {
  readonly #options: ReadStatesOptions;

  constructor(options: ReadStatesOptions) {
    this.#options = options;
  }

  /** null: there is nothing to read yet. Throws thread_not_found. */
  of(threadId: string): ReadState | null {
    const row = this.#options.threads.require(threadId);
    return this.#isEmpty(row) ? null : viewOf(row);
  }

  /** Those of threads that have something to read, by the thread's id. */
  ofAll(threadIds: readonly string[]): Record<string, ReadState> {
    const states = threadIds.map((id): [string, ReadState | null] => [id, this.of(id)]);
    return Object.fromEntries(
      states.flatMap(([id, state]) => (state === null ? [] : [[id, state]])),
    );
  }

  /** Throws invalid_request where there is nothing to read, and revision_conflict. */
  update(
    { threadId, operation, expectedRevision }: ParamsOf<typeof threadReadStateUpdate>,
    context: MutationContext,
  ): ReadState {
    const { repositories, mutations, threads } = this.#options;
    return mutations.run(context, (tx) => {
      const row = threads.require(threadId);
      if (this.#isEmpty(row)) {
        throw new ProtocolError('invalid_request', 'The thread has nothing to read yet.');
      }
      const readState = viewOf(row);
      if (readState.revision !== expectedRevision) {
        throw new ProtocolError(
          'revision_conflict',
          'The thread went on, or was read elsewhere, in the meantime: look at it again.',
          { reason: 'readStateConflict', readState },
        );
      }
      return keep(tx, repositories, row, operation.type === 'read' ? null : START);
    });
  }

  #isEmpty(row: ThreadRow): boolean {
    return row.fence === 0 && this.#options.repositories.turns.nextOrdinal(row.id) === 1;
  }
}

/** A turn brought something to read: a person who has read all goes on there. */
export function markUnread(
  tx: Tx,
  repositories: Repositories,
  { threadId, turnId }: { readonly threadId: string; readonly turnId: string },
): void {
  const row = repositories.threads.find(threadId);
  if (row !== undefined) keep(tx, repositories, row, row.unread_from ?? turnId);
}

function keep(
  tx: Tx,
  { threads }: Repositories,
  { id: threadId }: ThreadRow,
  unreadFrom: string | null,
): ReadState {
  const revision = uuid();
  threads.update(threadId, { unread_from: unreadFrom, read_revision: revision });
  const readState = { firstUnread: positionOf(unreadFrom), revision };
  tx.tell(
    outgoing(
      notifications.threadReadStateChanged,
      { threadId, readState },
      { to: 'thread', threadId },
    ),
  );
  return readState;
}

function viewOf(row: ThreadRow): ReadState {
  return {
    firstUnread: positionOf(row.unread_from),
    revision: row.read_revision ?? `initial:${row.id}`,
  };
}

function positionOf(unreadFrom: string | null): ReadState['firstUnread'] {
  if (unreadFrom === null) return null;
  return unreadFrom === START ? { type: 'threadStart' } : { type: 'turn', turnId: unreadFrom };
}
