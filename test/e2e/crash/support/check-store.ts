import Database from 'better-sqlite3';
import { expect } from 'vitest';

interface EventRow {
  readonly seq: number;
  readonly at_ms: number;
  readonly type: string;
  readonly thread_id: string | null;
  readonly goal_id: string | null;
  readonly turn_id: string | null;
  readonly revision: number | null;
  readonly data_json: string;
}

interface GoalRow {
  readonly goal_id: string;
  readonly status: string;
  readonly tokens_used: number;
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
}

/** Invariants 1 to 4 and 10, read from the database of a daemon that has stopped, and from what its clients heard. */
export function expectStoreConsistent(path: string, heard: ReadonlyMap<number, unknown>): void {
  const db = new Database(path, { readonly: true });
  try {
    const rows = <T>(sql: string): T[] => db.prepare<[], T>(sql).all();
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(rows('PRAGMA foreign_key_check')).toEqual([]);
    const events = rows<EventRow>('SELECT * FROM goal_event ORDER BY seq');
    expectLogKept(events, heard);
    expectTurnsOneByOne(events, rows('SELECT * FROM turn ORDER BY thread_id, ordinal'));
    expectLedgerAddsUp(rows);
    expectStatusesFollow(events, rows('SELECT * FROM goal'));
    expectWaitsEndOnce(events, rows);
    expectNothingOpen(rows);
  } finally {
    db.close();
  }
}

/** The log has no gap, and holds everything that any client was ever told. */
function expectLogKept(events: readonly EventRow[], heard: ReadonlyMap<number, unknown>): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const stored = new Map(
    events.map((row) => [
      row.seq,
      {
        seq: row.seq,
        atMs: row.at_ms,
        type: row.type,
        threadId: row.thread_id,
        goalId: row.goal_id,
        turnId: row.turn_id,
        revision: row.revision,
        data: JSON.parse(row.data_json) as unknown,
      },
    ]),
  );
  for (const [seq, event] of heard) expect(stored.get(seq)).toEqual(event);
}

/** Every turn began once and ended once, before the next one of its thread began, under a fence of its own. */
function expectTurnsOneByOne(
  events: readonly EventRow[],
  turns: readonly { id: string; thread_id: string; fence: number; status: string }[],
): void {
  const running = new Map<string, string | null>();
  const begun: string[] = [];
  for (const { type, thread_id: threadId, turn_id: turnId } of events) {
    if (threadId === null) continue;
    if (type === 'turn.started') {
      expect(running.get(threadId) ?? null).toBeNull();
      running.set(threadId, turnId);
      begun.push(String(turnId));
    }
    if (type === 'turn.completed') {
      expect(running.get(threadId)).toBe(turnId);
      running.set(threadId, null);
    }
  }
  expect([...running.values()].filter((turn) => turn !== null)).toEqual([]);
  expect(begun.toSorted()).toEqual(turns.map(({ id }) => id).toSorted());
  expect(new Set(begun).size).toBe(begun.length);
  for (const [index, turn] of turns.entries()) {
    expect(turn.status).not.toBe('inProgress');
    const before = turns[index - 1];
    if (before?.thread_id === turn.thread_id) expect(turn.fence).toBeGreaterThan(before.fence);
  }
}

/** Every request is charged, and the charges are the counters. */
function expectLedgerAddsUp(rows: <T>(sql: string) => T[]): void {
  expect(rows("SELECT id FROM model_request WHERE state <> 'charged'")).toEqual([]);
  const sums = rows<GoalRow>(
    `SELECT g.goal_id, g.status, coalesce(sum(r.tokens), 0) tokens_used, coalesce(sum(r.input_tokens), 0) input_tokens,
       coalesce(sum(r.cached_input_tokens), 0) cached_input_tokens, coalesce(sum(r.output_tokens), 0) output_tokens,
       coalesce(sum(r.reasoning_tokens), 0) reasoning_tokens
     FROM goal g LEFT JOIN model_request r ON r.goal_id = g.goal_id GROUP BY g.goal_id ORDER BY g.goal_id`,
  );
  const counters = rows<GoalRow>(
    `SELECT goal_id, status, tokens_used, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens
     FROM goal ORDER BY goal_id`,
  );
  expect(counters).toEqual(sums);
  const charges = rows<{ id: string }>(
    "SELECT json_extract(data_json, '$.requestId') id FROM goal_event WHERE type = 'goal.usage' ORDER BY id",
  );
  expect(charges).toEqual(
    rows('SELECT id FROM model_request WHERE goal_id IS NOT NULL ORDER BY id'),
  );
}

/** Each change of status starts where the last one ended, and the row stands where the last one led. */
function expectStatusesFollow(events: readonly EventRow[], goals: readonly GoalRow[]): void {
  const status = new Map<string, unknown>();
  for (const { type, goal_id: goalId, data_json: json } of events) {
    if (goalId === null) continue;
    const data = JSON.parse(json) as Record<string, unknown>;
    if (type === 'goal.created') status.set(goalId, data['status']);
    // A goal that is cleared stands still from then on, which its own event tells.
    if (type === 'goal.cleared' && status.get(goalId) === 'active') status.set(goalId, 'paused');
    if (type !== 'goal.statusChanged') continue;
    expect(data['from']).toBe(status.get(goalId));
    status.set(goalId, data['to']);
  }
  for (const goal of goals)
    expect([goal.goal_id, status.get(goal.goal_id)]).toEqual([goal.goal_id, goal.status]);
}

/** Every wait began once and ended once, and the model was told of it. */
function expectWaitsEndOnce(events: readonly EventRow[], rows: <T>(sql: string) => T[]): void {
  const idsOf = (type: string): unknown[] =>
    events
      .filter((event) => event.type === type)
      .map(({ data_json: json }) => (JSON.parse(json) as Record<string, unknown>)['waitId'])
      .toSorted();
  const ids = rows<{ id: string }>('SELECT id FROM wait ORDER BY id').map(({ id }) => id);
  expect(idsOf('wait.started')).toEqual(ids);
  expect(idsOf('wait.ended')).toEqual(ids);
  expect(rows("SELECT id FROM wait WHERE told = 0 AND result <> 'stopped'")).toEqual([]);
}

/** Nothing is half-done: items, calls without their output, runs of the gate. */
function expectNothingOpen(rows: <T>(sql: string) => T[]): void {
  expect(rows('SELECT id, type FROM item WHERE done = 0')).toEqual([]);
  expect(rows("SELECT id FROM verification_run WHERE status = 'running'")).toEqual([]);
  expect(rows('SELECT id FROM wait WHERE ended_at_ms IS NULL')).toEqual([]);
  expect(rows('SELECT id FROM process WHERE ended_at_ms IS NULL')).toEqual([]);
  const histories = rows<{ history_json: string }>('SELECT history_json FROM item');
  for (const { history_json: json } of histories) {
    const entries = JSON.parse(json) as { kind: string; callId?: string }[];
    const ids = (kind: string): unknown[] =>
      entries.flatMap((entry) => (entry.kind === kind ? [entry.callId] : []));
    expect(ids('toolOutput')).toEqual(ids('toolCall'));
  }
}
