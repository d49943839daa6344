import { notifications, type PendingRequest, type ThreadStatus } from '@goald/protocol';
import type { GoalWriter } from '../../goals/goal-writer.js';
import { outgoing, type Outgoing } from '../../store/outgoing.js';
import type { Tx } from '../../store/store.js';
import type { ActiveTurn } from '../active-turn.js';
import type { Clock } from '../ports/clock.js';
import type { People } from '../ports/people.js';
import type { TurnStore } from '../turn-store.js';
import type { OpenRequests } from './open-requests.js';
import { untilNobody } from './presence.js';

export interface TurnRestOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly people: People;
  readonly open: OpenRequests;
  readonly clock: Clock;
  readonly graceMs: () => number;
  /** The turn waits, so its place is free. Must not throw. */
  readonly onRest: () => void;
}

export interface Question {
  readonly pending: PendingRequest;
  readonly method: string;
  /** What clients are sent. */
  readonly request: Outgoing;
  readonly flag: 'waitingOnApproval' | 'waitingOnUserInput';
}

/** Lets a turn wait for people: visible to clients, no work time, and no place taken meanwhile. */
export class TurnRest {
  readonly #options: TurnRestOptions;

  constructor(options: TurnRestOptions) {
    this.#options = options;
  }

  /** Asks, in the transaction that stores what is asked. */
  begin(tx: Tx, turn: ActiveTurn, { pending, request, flag }: Question): void {
    const { store, goals } = this.#options;
    const goal = turn.goalId === null ? undefined : store.repositories.goals.find(turn.goalId);
    if (goal?.status === 'active' && goal.ended_at_ms === null) {
      goals.note(
        tx,
        goal,
        { phase: 'waiting', pending_json: JSON.stringify(pending) },
        { type: 'goal.phaseChanged', turnId: turn.turnId, data: { phase: 'waiting', pending } },
      );
    }
    this.#tellStatus(tx, turn, { type: 'active', activeFlags: [flag] });
    tx.tell(request);
  }

  /** Waits until people have said something, or nobody is there to say it. Rejects with the turn's stop reason. */
  async wait(turn: ActiveTurn, { pending, method }: Question): Promise<'decided' | 'nobody'> {
    const { people, open, clock, graceMs, onRest } = this.#options;
    const { requestId } = pending;
    const over = new AbortController();
    const asked = { threadId: turn.threadId, method, requestId };
    let stopped: () => void = () => undefined;
    const startedMs = clock.now();
    turn.rest();
    onRest();
    try {
      return await Promise.race([
        open.until(requestId).then(() => 'decided' as const),
        untilNobody({ people, clock, graceMs }, asked, over.signal).then(() => 'nobody' as const),
        new Promise<never>((_, reject) => {
          stopped = () => {
            reject(turn.signal.reason as Error);
          };
          if (turn.signal.aborted) stopped();
          else turn.signal.addEventListener('abort', stopped, { once: true });
        }),
      ]);
    } finally {
      over.abort();
      open.forget(requestId);
      turn.signal.removeEventListener('abort', stopped);
      turn.wake();
      turn.waitedMs += clock.now() - startedMs;
    }
  }

  /** The turn goes on. */
  end(tx: Tx, turn: ActiveTurn): void {
    const { store, goals } = this.#options;
    const goal = turn.goalId === null ? undefined : store.repositories.goals.find(turn.goalId);
    if (goal?.status === 'active' && goal.ended_at_ms === null) {
      const wait_ms = goal.wait_ms + turn.waitedMs;
      goals.note(
        tx,
        goal,
        { phase: 'acting', pending_json: null, wait_ms },
        { type: 'goal.phaseChanged', turnId: turn.turnId, data: { phase: 'acting' } },
      );
    }
    tx.onCommit(() => {
      turn.waitedMs = 0;
    });
    this.#tellStatus(tx, turn, { type: 'active', activeFlags: [] });
  }

  #tellStatus(tx: Tx, { threadId }: ActiveTurn, status: ThreadStatus): void {
    tx.tell(outgoing(notifications.threadStatusChanged, { threadId, status }, { to: 'all' }));
  }
}
