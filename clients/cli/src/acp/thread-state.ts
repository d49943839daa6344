import type { Goal, GoalEvent, Turn } from '@goald/protocol';
import { EventData } from '../progress/event-data.js';
import type { EndedTurn, Standing } from './prompt-waits.js';

/** How many ended turns are remembered: as many as can end before the answer that names them is read. */
const ENDED_KEPT = 50;

/** How a thread stands, by what was heard and read of it. */
export class ThreadState implements Standing {
  goal: Goal | null = null;
  readonly #ended = new Map<string, EndedTurn>();
  #goalActive = false;
  #openTurn: string | null = null;
  #newestTurn: string | null = null;
  #toldSeq = 0;

  get goalActive(): boolean {
    return this.#goalActive;
  }

  get openTurn(): string | null {
    return this.#openTurn;
  }

  /** The newest turn anything is known of: whatever began later is unknown. */
  get newestTurn(): string | null {
    return this.#newestTurn;
  }

  readonly ended = (turnId: string): EndedTurn | undefined => this.#ended.get(turnId);

  /** The goal as it was just read. */
  readGoal(goal: Goal | null): void {
    this.goal = goal;
    this.#goalActive = goal?.status === 'active';
  }

  /** The past as it was just read. */
  readPast(turns: readonly Turn[], events: readonly GoalEvent[]): void {
    this.#toldSeq = events.at(-1)?.seq ?? 0;
    this.#newestTurn = turns.at(-1)?.id ?? null;
    this.#openTurn = turns.find((turn) => turn.status === 'inProgress')?.id ?? null;
  }

  /** A turn as a notification or the store has it. */
  readTurn({ id, status, error }: Turn): void {
    if (status === 'inProgress') this.#begin(id);
    else this.#end(id, { status, error, forGoal: false });
  }

  /** Takes in an event. Answers whether it is new. */
  hear(event: GoalEvent): boolean {
    if (event.seq <= this.#toldSeq) return false;
    this.#toldSeq = event.seq;
    const data = new EventData(event.data);
    switch (event.type) {
      case 'goal.created':
        this.#goalActive = data.text('status') === 'active';
        break;
      case 'goal.statusChanged':
        this.#goalActive = data.text('to') === 'active';
        break;
      case 'goal.cleared':
        this.#goalActive = false;
        break;
      case 'turn.started':
        if (event.turnId !== null) this.#begin(event.turnId);
        break;
      case 'turn.completed':
        if (event.turnId !== null) this.#end(event.turnId, endedBy(event, data));
        break;
      default:
    }
    return true;
  }

  #begin(turnId: string): void {
    this.#newestTurn = turnId;
    this.#openTurn = turnId;
  }

  #end(turnId: string, turn: EndedTurn): void {
    this.#newestTurn = turnId;
    if (this.#openTurn === turnId) this.#openTurn = null;
    this.#ended.set(turnId, turn);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > ENDED_KEPT && oldest !== undefined) this.#ended.delete(oldest);
  }
}

function endedBy(event: GoalEvent, data: EventData): EndedTurn {
  const status = data.text('status');
  const error = data.part('error');
  const message = error.text('message');
  return {
    status: status === 'failed' || status === 'interrupted' ? status : 'completed',
    error: message === null ? null : { message, codexErrorInfo: error.text('codexErrorInfo') },
    forGoal: event.goalId !== null,
  };
}
