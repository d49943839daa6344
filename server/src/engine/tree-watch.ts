import { notifications } from '@goald/protocol';
import type { Outbox } from '../events/outbox.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import { sign } from '../goals/progress.js';
import { outgoing } from '../store/outgoing.js';
import type { ActiveTurn } from './active-turn.js';
import type { PathGuard } from './guard/path-guard.js';
import type { Workspace } from './ports/workspace.js';
import type { TurnStore } from './turn-store.js';

export interface TreeWatchOptions {
  readonly workspace: Workspace;
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly outbox: Outbox;
  readonly guard: PathGuard;
  /** A look at the files failed: the folder is gone or cannot be read. */
  readonly onProblem: (error: unknown) => void;
}

/** Looks at the files around what a turn does: where it began, what it changed, whether that is new. */
export class TreeWatch {
  readonly #options: TreeWatchOptions;

  constructor(options: TreeWatchOptions) {
    this.#options = options;
  }

  /** Remembers the tree before the first write of the turn, and of its goal. */
  async beforeWrite(turn: ActiveTurn): Promise<void> {
    await this.#options.guard.begin(turn);
    if (turn.baselineTreeId === null) {
      const treeId = await this.#look(() => this.#options.workspace.keepBaseline(turn.cwd));
      if (treeId === null) return;
      turn.baselineTreeId = treeId;
      turn.seenTrees.add(treeId);
      await this.#keepForGoal(turn, treeId);
    }
    turn.treeTouched = true;
  }

  /** After tools ran: a tree that this goal never had is progress. */
  async check(turn: ActiveTurn): Promise<void> {
    if (!turn.treeTouched) return;
    turn.treeTouched = false;
    // First, so that what is undone is no progress.
    await this.#options.guard.check(turn);
    const treeId = await this.#look(() => this.#options.workspace.treeId(turn.cwd));
    const { goalId } = turn;
    if (treeId === null) return;
    if (goalId === null) {
      if (!turn.seenTrees.has(treeId)) turn.markProgress();
      turn.seenTrees.add(treeId);
      return;
    }
    const { store } = this.#options;
    const isNew = await store.writeWhenPossible(turn, (tx) =>
      store.repositories.notes.addSign(goalId, sign.tree(treeId), turn.turnId, tx.nowMs),
    );
    if (isNew) turn.markProgress();
  }

  /** Tells the clients of the thread what the turn changed so far. */
  async tellDiff(turn: ActiveTurn): Promise<void> {
    const baseline = turn.baselineTreeId;
    if (baseline === null) return;
    const found = await this.#look(() => this.#options.workspace.diffFrom(turn.cwd, baseline));
    if (found === null) return;
    const { threadId, turnId } = turn;
    this.#options.outbox.tell(
      outgoing(
        notifications.turnDiffUpdated,
        { threadId, turnId, diff: found.diff },
        { to: 'thread', threadId },
      ),
    );
  }

  async #keepForGoal(turn: ActiveTurn, treeId: string): Promise<void> {
    const { goalId } = turn;
    if (goalId === null) return;
    const { store, goals } = this.#options;
    await store.writeWhenPossible(turn, (tx) => {
      store.repositories.notes.addSign(goalId, sign.tree(treeId), turn.turnId, tx.nowMs);
      const row = store.repositories.goals.find(goalId);
      if (row?.baseline_tree_id === null) {
        goals.note(tx, row, { baseline_tree_id: treeId }, null);
      }
    });
  }

  /** Files can vanish under us: that is the model's to find out, not a reason to fail the turn. */
  async #look<T>(look: () => Promise<T>): Promise<T | null> {
    try {
      return await look();
    } catch (error) {
      this.#options.onProblem(error);
      return null;
    }
  }
}
