import Database from 'better-sqlite3';
import { expect } from 'vitest';

interface EventRow {
  readonly seq: number;
  readonly type: string;
  readonly goal_id: string | null;
  readonly data_json: string;
}

interface Origin {
  readonly kind: string;
  readonly clientName: string | null;
  readonly connectionId: string | null;
}

interface ChargeRow {
  readonly goal_id: string;
  readonly tokens: number;
  readonly token_budget: number | null;
  readonly token_ceiling: number;
}

/** What a change of a goal is told by. */
const CHANGES = new Set(['goal.created', 'goal.edited', 'goal.statusChanged', 'goal.cleared']);

/** Invariants 2, 5, 9 and 12, read from the database of a daemon that has stopped. */
export function expectRulesKept(path: string): void {
  const db = new Database(path, { readonly: true });
  try {
    const events = db
      .prepare<[], EventRow>('SELECT seq, type, goal_id, data_json FROM goal_event ORDER BY seq')
      .all();
    expectTurnsOnlyWhileActive(events);
    expectOrigins(events);
    expectBudgetsHeld(
      db
        .prepare<[], ChargeRow>(
          `SELECT r.goal_id, r.tokens, g.token_budget, g.token_ceiling
           FROM model_request r JOIN goal g ON g.goal_id = r.goal_id ORDER BY r.rowid`,
        )
        .all(),
    );
    expect(db.prepare('SELECT goal_id FROM goal WHERE turns_used > max_turns').all()).toEqual([]);
  } finally {
    db.close();
  }
}

/** No turn of a goal begins unless its goal is active, and what a person stopped only a person sets going. */
function expectTurnsOnlyWhileActive(events: readonly EventRow[]): void {
  const status = new Map<string, { status: unknown; reason: unknown }>();
  for (const { seq, type, goal_id: goalId, data_json: json } of events) {
    if (goalId === null) continue;
    const data = JSON.parse(json) as Record<string, unknown>;
    const now = status.get(goalId);
    if (type === 'goal.created') status.set(goalId, { status: data['status'], reason: null });
    if (type === 'goal.cleared') status.set(goalId, { status: 'cleared', reason: null });
    if (type === 'turn.started') expect([seq, now?.status]).toEqual([seq, 'active']);
    if (type !== 'goal.statusChanged') continue;
    const byPerson = now?.reason === 'user' || now?.reason === 'interrupt';
    if (data['to'] === 'active' && byPerson) {
      expect([seq, (data['origin'] as Origin).kind]).toEqual([seq, 'user']);
    }
    const reason = (data['reason'] as { code?: unknown } | null)?.code;
    status.set(goalId, { status: data['to'], reason });
  }
}

/** Each change names who made it; a client has a name and a connection. */
function expectOrigins(events: readonly EventRow[]): void {
  for (const { seq, type, data_json: json } of events) {
    if (!CHANGES.has(type)) continue;
    const { origin } = JSON.parse(json) as { origin?: Origin };
    expect(origin, `origin of event ${String(seq)}`).toBeDefined();
    if (origin?.kind !== 'user' && origin?.kind !== 'automatic') continue;
    expect(origin.clientName).toBe('person');
    expect(origin.connectionId).toBeTruthy();
  }
}

/** No request leaves at or over a budget. Budgets are only ever raised here, so the last one bounds all. */
function expectBudgetsHeld(charges: readonly ChargeRow[]): void {
  const used = new Map<string, number>();
  for (const charge of charges) {
    const before = used.get(charge.goal_id) ?? 0;
    expect(before).toBeLessThan(charge.token_budget ?? charge.token_ceiling);
    used.set(charge.goal_id, before + charge.tokens);
  }
}
