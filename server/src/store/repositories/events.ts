import type { GoalEvent } from '@goald/protocol';
import type { Selectable } from 'kysely';
import type { GoalEventTable } from '../schema.js';
import type { Sql } from '../sql.js';
import type { NewEvent } from '../new-event.js';

export interface EventFilter {
  readonly threadIds?: readonly string[] | undefined;
  readonly goalId?: string | undefined;
  readonly types?: readonly GoalEvent['type'][] | undefined;
}

/** The event log. */
export class EventRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  headSeq(): number {
    const row = this.#sql.get(
      this.#sql.query.selectFrom('goal_event').select('seq').orderBy('seq', 'desc').limit(1),
    );
    return row?.seq ?? 0;
  }

  /** The oldest seq still stored; 0 when there is none. */
  firstSeq(): number {
    const row = this.#sql.get(
      this.#sql.query.selectFrom('goal_event').select('seq').orderBy('seq', 'asc').limit(1),
    );
    return row?.seq ?? 0;
  }

  append(seq: number, atMs: number, event: NewEvent): GoalEvent {
    const stored: GoalEvent = {
      seq,
      atMs,
      type: event.type,
      threadId: event.threadId ?? null,
      goalId: event.goalId ?? null,
      turnId: event.turnId ?? null,
      revision: event.revision ?? null,
      data: { ...event.data },
    };
    this.#sql.insert('goal_event', {
      seq,
      at_ms: atMs,
      type: stored.type,
      thread_id: stored.threadId,
      goal_id: stored.goalId,
      turn_id: stored.turnId,
      revision: stored.revision,
      data_json: JSON.stringify(stored.data),
    });
    return stored;
  }

  /** Events with a seq above `sinceSeq`, oldest first. */
  list(sinceSeq: number, limit: number, filter: EventFilter = {}): GoalEvent[] {
    let query = this.#sql.query
      .selectFrom('goal_event')
      .selectAll()
      .where('seq', '>', sinceSeq)
      .orderBy('seq', 'asc')
      .limit(limit);
    if (filter.threadIds !== undefined) query = query.where('thread_id', 'in', filter.threadIds);
    if (filter.goalId !== undefined) {
      const thread = this.#sql.query
        .selectFrom('goal')
        .select('thread_id')
        .where('goal_id', '=', filter.goalId);
      // The index is over the threads; a goal stays with the one it was made in.
      query = query.where('thread_id', '=', thread).where('goal_id', '=', filter.goalId);
    }
    if (filter.types !== undefined) query = query.where('type', 'in', filter.types);
    return this.#sql.all(query).map(toEvent);
  }

  /** Removes events older than `beforeMs`, but never the newest one, so that seq goes on. Answers how many went. */
  prune(beforeMs: number): number {
    const kept = this.#sql.get(
      this.#sql.query
        .selectFrom('goal_event')
        .select('seq')
        .where('at_ms', '>=', beforeMs)
        .orderBy('seq', 'asc')
        .limit(1),
    );
    return this.#sql.run(
      this.#sql.query.deleteFrom('goal_event').where('seq', '<', kept?.seq ?? this.headSeq()),
    );
  }
}

function toEvent(row: Selectable<GoalEventTable>): GoalEvent {
  return {
    seq: row.seq,
    atMs: row.at_ms,
    type: row.type,
    threadId: row.thread_id,
    goalId: row.goal_id,
    turnId: row.turn_id,
    revision: row.revision,
    data: JSON.parse(row.data_json) as Record<string, unknown>,
  };
}
