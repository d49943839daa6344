import Database from 'better-sqlite3';

interface Row {
  readonly type: string;
  readonly goal_id: string;
  /** Of a turn that ended: 1 when it moved something. */
  readonly progressed: number | null;
}

export interface Fairness {
  /** Times a goal that could run waited for its turn. */
  readonly waits: number;
  /** Most turns that any one goal started while another one waited for its own. */
  readonly spread: number;
}

/**
 * Reads from the log how turns were shared out. A goal can run from its creation, or the end of a turn that moved something, until
 * its next turn starts; a turn without progress is followed by a pause, which is no wait for others.
 */
export function fairnessOf(path: string): Fairness {
  const db = new Database(path, { readonly: true });
  try {
    const rows = db
      .prepare<[], Row>(
        `SELECT e.type, coalesce(e.goal_id, t.goal_id) goal_id, json_extract(e.data_json, '$.progressed') progressed
         FROM goal_event e LEFT JOIN turn t ON t.id = e.turn_id
         WHERE e.type IN ('goal.created', 'turn.started', 'turn.completed') ORDER BY e.seq`,
      )
      .all();
    return sharedOut(rows);
  } finally {
    db.close();
  }
}

/** Of the events that begin and end a goal's wait, in order. */
export function sharedOut(rows: readonly Row[]): Fairness {
  /** What others started since a goal began to wait. */
  const waiting = new Map<string, Map<string, number>>();
  let waits = 0;
  let spread = 0;
  for (const { type, goal_id: goal, progressed } of rows) {
    if (type === 'turn.started') {
      const others = waiting.get(goal);
      waiting.delete(goal);
      if (others !== undefined) {
        waits += 1;
        spread = Math.max(spread, ...others.values());
      }
      for (const seen of waiting.values()) seen.set(goal, (seen.get(goal) ?? 0) + 1);
    } else if (type === 'goal.created' || progressed === 1) {
      waiting.set(goal, new Map());
    }
  }
  return { waits, spread };
}
