import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { definitionOf } from '../../goals/goal-record.js';
import type { GoalWriter } from '../../goals/goal-writer.js';
import { RUNTIME_ACTOR } from '../../store/mutation.js';
import type { PathBreachRow } from '../../store/repositories/path-breaches.js';
import type { Tx } from '../../store/store.js';
import type { ActiveTurn } from '../active-turn.js';
import { moveByRuntime } from '../goal-moves.js';
import type { Failpoints } from '../ports/failpoints.js';
import type {
  FoundBreach,
  GuardedFiles,
  GuardMark,
  PathRules,
  UndoResult,
} from '../ports/path-guard.js';
import type { TurnRef, TurnStore } from '../turn-store.js';
import { keptReason, noticeOf, toBreach } from './breach-text.js';

export interface PathGuardOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly guarded: GuardedFiles;
  /** Absolute folder; what an undo removes is copied into it. */
  readonly outputDir: string;
  readonly failpoint: Failpoints;
  /** A look at the files failed: the folder is gone or cannot be read. */
  readonly onProblem: (error: unknown) => void;
}

/** Holds the turns of a goal to its path constraints: undoes what they forbid and tells; what cannot be undone stops the goal. */
export class PathGuard {
  readonly #options: PathGuardOptions;

  constructor(options: PathGuardOptions) {
    this.#options = options;
  }

  /** Before something of the turn may write. */
  async begin(turn: ActiveTurn): Promise<void> {
    const rules = this.#rules(turn);
    if (rules === null) {
      turn.guard = null;
      return;
    }
    // A user who edits the rules in mid-turn begins anew: what was done under other rules was not forbidden.
    if (turn.guard !== null && JSON.stringify(turn.guard.rules) === JSON.stringify(rules)) return;
    await this.#keep(turn, rules);
  }

  /** Says why the turn may not change an absolute path, or null; null where nothing is forbidden. */
  async refuser(turn: ActiveTurn): Promise<((absolutePath: string) => string | null) | null> {
    const rules = this.#rules(turn);
    return rules === null ? null : this.#options.guarded.refuser(turn.cwd, rules);
  }

  /** Undoes what the turn changed against the rules. Stops the turn, with the goal blocked, where that cannot be. */
  async check(turn: ActiveTurn): Promise<void> {
    const { store, guarded, failpoint, onProblem } = this.#options;
    const mark = turn.guard;
    if (mark === null || turn.goalId === null) return;
    const found = await guarded.breaches(turn.cwd, mark).catch((error: unknown) => {
      onProblem(error);
      return [];
    });
    // Left open where the store took nothing for a while: what is not found again was undone.
    const open = store.repositories.breaches.open(turn.turnId);
    if (found.length + open.length === 0) return;
    const rows = await store.writeWhenPossible(turn, (tx) =>
      found.map(
        (breach) => open.find(({ path }) => path === breach.path) ?? this.#insert(tx, turn, breach),
      ),
    );
    const gone = open.filter(({ path }) => found.every((breach) => breach.path !== path));
    failpoint('guard.found');
    const results = await this.#undo(turn, mark, found);
    failpoint('guard.undone');
    const ended = [
      ...gone.map((row): PathBreachRow => ({ ...row, outcome: 'undone' })),
      ...rows.map((row, index) => endedRow(row, results[index])),
    ];
    const isKept = await store.writeWhenPossible(turn, (tx) => this.#settle(tx, turn, ended));
    failpoint('guard.told');
    turn.notices.push(noticeOf(ended));
    if (!isKept) return;
    // Told once: what stays is where the next check begins.
    await this.#keep(turn, mark.rules);
    turn.stop('goalStopped');
  }

  /** What turns of a daemon that died left behind. Nothing is undone: who else wrote since is not known. */
  async leftBy(turnIds: readonly string[]): Promise<readonly PathBreachRow[]> {
    const { turns, threads, breaches } = this.#options.store.repositories;
    const left: PathBreachRow[] = [];
    for (const turnId of turnIds) {
      const turn = turns.find(turnId);
      if (turn?.goal_id == null || turn.guard_json === null) continue;
      const ref = { turnId, threadId: turn.thread_id, goalId: turn.goal_id };
      const mark = JSON.parse(turn.guard_json) as GuardMark;
      const cwd = threads.find(turn.thread_id)?.cwd ?? '';
      const now = await this.#options.guarded.breaches(cwd, mark).catch((error: unknown) => {
        this.#options.onProblem(error);
        return [];
      });
      const open = breaches.open(turnId);
      for (const row of open) {
        const stays = now.some((breach) => breach.path === row.path);
        left.push(stays ? lost(row) : { ...row, outcome: 'undone' });
      }
      for (const breach of now) {
        if (open.some((row) => row.path === breach.path)) continue;
        left.push(lost(newRow(ref, breach, 0)));
      }
    }
    return left;
  }

  /** Writes down what `leftBy` found. */
  settleLeft(tx: Tx, left: readonly PathBreachRow[]): void {
    const { turns, breaches } = this.#options.store.repositories;
    for (const turnId of new Set(left.map((row) => row.turn_id))) {
      const turn = turns.find(turnId);
      if (turn?.goal_id == null) continue;
      const rows = left.filter((row) => row.turn_id === turnId);
      for (const row of rows) if (row.at_ms === 0) breaches.insert({ ...row, at_ms: tx.nowMs });
      this.#settle(tx, { turnId, threadId: turn.thread_id, goalId: turn.goal_id }, rows);
    }
  }

  async #undo(
    turn: ActiveTurn,
    mark: GuardMark,
    found: readonly FoundBreach[],
  ): Promise<readonly UndoResult[]> {
    const { outputDir } = this.#options;
    const into = join(outputDir, turn.threadId, `undone-${turn.turnId}`, uuid());
    const results: UndoResult[] = [];
    for (const breach of found) {
      results.push(await this.#options.guarded.undo(turn.cwd, mark, breach, into));
    }
    return results;
  }

  #insert(tx: Tx, turn: TurnRef, breach: FoundBreach): PathBreachRow {
    const row = newRow(turn, breach, tx.nowMs);
    this.#options.store.repositories.breaches.insert(row);
    return row;
  }

  /** Answers whether something could not be undone. */
  #settle(tx: Tx, turn: TurnRef, rows: readonly PathBreachRow[]): boolean {
    const { store, goals } = this.#options;
    const { threadId, turnId, goalId } = turn;
    const goal = goalId === null ? undefined : store.repositories.goals.find(goalId);
    for (const { id, outcome, reason, kept_as } of rows) {
      store.repositories.breaches.update(id, { outcome, reason, kept_as });
    }
    tx.emit({
      type: 'policy.breached',
      threadId,
      goalId,
      turnId,
      revision: goal?.revision ?? null,
      data: { breaches: rows.map(toBreach), origin: RUNTIME_ACTOR },
    });
    const kept = rows.filter((row) => row.outcome === 'kept');
    if (kept.length === 0) return false;
    if (goal !== undefined) {
      moveByRuntime(goals, tx, goal, 'stopped', { code: 'policy', ...keptReason(kept), turnId });
    }
    return true;
  }

  async #keep(turn: ActiveTurn, rules: PathRules): Promise<void> {
    const { store, guarded, failpoint, onProblem } = this.#options;
    const mark = await guarded.keep(turn.cwd, rules).catch((error: unknown) => {
      onProblem(error);
      return null;
    });
    if (mark === null) return;
    turn.guard = mark;
    await store.writeWhenPossible(turn, () => {
      store.repositories.turns.update(turn.turnId, { guard_json: JSON.stringify(mark) });
    });
    failpoint('guard.kept');
  }

  #rules(turn: ActiveTurn): PathRules | null {
    const { goals } = this.#options.store.repositories;
    const row = turn.goalId === null ? undefined : goals.find(turn.goalId);
    if (row === undefined) return null;
    const { allow, deny } = definitionOf(row).constraints.paths;
    return allow.length + deny.length === 0 ? null : { allow, deny };
  }
}

function newRow(turn: TurnRef, breach: FoundBreach, atMs: number): PathBreachRow {
  return {
    id: uuid(),
    goal_id: turn.goalId ?? '',
    turn_id: turn.turnId,
    path: breach.path,
    change: breach.change,
    rule: breach.rule,
    outcome: 'found',
    reason: null,
    kept_as: null,
    at_ms: atMs,
  };
}

function endedRow(row: PathBreachRow, result: UndoResult | undefined): PathBreachRow {
  return {
    ...row,
    outcome: result?.undone === true ? 'undone' : 'kept',
    reason: result?.reason ?? null,
    kept_as: result?.keptAs ?? null,
  };
}

function lost(row: PathBreachRow): PathBreachRow {
  const reason = 'the daemon stopped in the middle of the turn: who changed it is not known';
  return { ...row, outcome: 'kept', reason };
}
