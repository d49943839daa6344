import type {
  Config,
  Evidence,
  RunArtifacts,
  VerificationCommand,
  VerificationResult,
} from '@goald/protocol';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { definitionOf } from '../../goals/goal-record.js';
import type { GoalWriter } from '../../goals/goal-writer.js';
import type { GoalRow } from '../../store/repositories/goals.js';
import type { Tx } from '../../store/store.js';
import type { ActiveTurn } from '../active-turn.js';
import type { PathGuard } from '../guard/path-guard.js';
import type { Clock } from '../ports/clock.js';
import type { Failpoints } from '../ports/failpoints.js';
import type { Workspace } from '../ports/workspace.js';
import type { TurnStore } from '../turn-store.js';
import type { Confinements } from '../confinement/confinements.js';
import type { CommandSeries } from './command-series.js';
import { completeUnverified, completeVerified } from './completion.js';
import { matchEvidence } from './evidence-match.js';
import type { FolderLocks } from './folder-locks.js';
import { Refusals, type NewRefusal } from './refusals.js';
import { look } from './run-artifacts.js';
import { gateOwner, type EndedRun, type RunRecords } from './run-records.js';
import { failureText, GOAL_CHANGED, missingText, USER_SPOKE, voidText } from './verdict-text.js';

export interface GateOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly workspace: Workspace;
  readonly series: CommandSeries;
  readonly records: RunRecords;
  readonly locks: FolderLocks;
  readonly guard: PathGuard;
  readonly confinements: Confinements;
  readonly clock: Clock;
  readonly config: () => Config;
  /** Absolute folder for the logs of the commands. */
  readonly outputDir: string;
  readonly failpoint: Failpoints;
}

export interface GateVerdict {
  readonly passed: boolean;
  /** What the model is told. */
  readonly text: string;
  /** The goal is not active any more. */
  readonly endsTurn: boolean;
}

/** What the runtime found when the commands had run. */
interface Findings {
  readonly runId: string;
  readonly results: readonly VerificationResult[];
  readonly evidence: readonly Evidence[];
  readonly artifacts: RunArtifacts;
  readonly changedChecks: readonly string[];
}

type Outcome =
  { readonly kind: 'treeChanged' } | { readonly kind: 'decided'; readonly verdict: GateVerdict };

const goesOn = (text: string): GateVerdict => ({ passed: false, text, endsTurn: false });
const passed = (text: string): GateVerdict => ({ passed: true, text, endsTurn: true });

/** A run whose files changed while it ran says nothing; once more may, when it was the commands' own output. */
const MOST_RUNS = 2;

/**
 * The verification gate: the daemon runs the goal's commands itself, on the tree as it stands, and completes the goal only when all exit 0
 * and goal and tree are still the ones it began with.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #refusals: Refusals;

  constructor(options: GateOptions) {
    this.#options = options;
    const { notes } = options.store.repositories;
    this.#refusals = new Refusals({ notes, goals: options.goals, config: options.config });
  }

  /** Throws the turn's stop reason. */
  async run(turn: ActiveTurn, goal: GoalRow, given: readonly Evidence[]): Promise<GateVerdict> {
    const { requirements, verification } = definitionOf(goal);
    const { evidence, missing } = matchEvidence(requirements, given);
    if (missing.length > 0) {
      const refusal = { runId: null, cause: 'evidence', evidence, results: [] } as const;
      return this.#options.store.writeWhenPossible(turn, (tx) =>
        this.#refuse(tx, turn, goal, { ...refusal, text: missingText(missing) }),
      );
    }
    if (verification.length === 0) return this.#completeUnverified(turn, goal, evidence);
    await this.#options.guard.check(turn);
    turn.signal.throwIfAborted();
    using _lease = await this.#options.locks.take(turn.cwd, turn.signal);
    await this.#enter(turn, goal);
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt === MOST_RUNS;
      const outcome = await this.#attempt(turn, goal, { verification, evidence, last });
      if (outcome.kind === 'decided') return outcome.verdict;
    }
  }

  async #enter(turn: ActiveTurn, goal: GoalRow): Promise<void> {
    const { store, goals } = this.#options;
    await store.writeWhenPossible(turn, (tx) => {
      const row = store.repositories.goals.find(goal.goal_id);
      if (row?.status !== 'active') return;
      goals.note(
        tx,
        row,
        { phase: 'verifying' },
        { type: 'goal.phaseChanged', turnId: turn.turnId, data: { phase: 'verifying' } },
      );
    });
  }

  async #attempt(
    turn: ActiveTurn,
    goal: GoalRow,
    proposal: {
      verification: readonly VerificationCommand[];
      evidence: readonly Evidence[];
      last: boolean;
    },
  ): Promise<Outcome> {
    const { workspace, store, series, records, failpoint, clock, confinements } = this.#options;
    const { verification: commands, evidence, last } = proposal;
    const treeId = await workspace.keepBaseline(turn.cwd);
    const runId = uuid();
    const logDir = join(this.#options.outputDir, turn.threadId, `verification-${runId}`);
    const startedAtMs = clock.now();
    await store.writeWhenPossible(turn, (tx) => {
      records.begin(tx, gateOwner(turn, goal), { runId, treeId, commands, evidence });
    });
    failpoint('gate.started');
    const results: VerificationResult[] = [];
    let findings: Findings;
    let treeAfter: string;
    try {
      const { cwd, signal } = turn;
      const confinement = confinements.of(turn.threadId, goal.goal_id);
      await series.run({ runId, cwd, treeId, confinement, commands, signal, logDir }, results);
      failpoint('gate.commandsDone');
      const proven = evidence.map((entry) => ({ ...entry, runId, treeId }));
      findings = {
        ...(await look(workspace, {
          cwd,
          baselineTreeId: this.#current(goal).baseline_tree_id,
          into: logDir,
          startedAtMs,
          commands: commands.map(({ command }) => command),
        })),
        ...{ runId, results, evidence: proven },
      };
      failpoint('gate.beforeDecision');
      treeAfter = await workspace.treeId(turn.cwd);
      turn.signal.throwIfAborted();
    } catch (error) {
      const reason = turn.signal.aborted
        ? 'The turn was stopped while it ran.'
        : 'The folder could not be read.';
      if (store.holds(turn)) this.#end(turn, goal, { runId, status: 'void', results, reason });
      throw error;
    }
    const verdict =
      treeAfter === treeId
        ? await this.#decide(turn, goal, findings)
        : await this.#void(turn, goal, findings, { treeId, last });
    failpoint('gate.decided');
    return verdict === null ? { kind: 'treeChanged' } : { kind: 'decided', verdict };
  }

  /** Files changed while the commands ran. null: it may be tried once more. */
  async #void(
    turn: ActiveTurn,
    goal: GoalRow,
    findings: Findings,
    { treeId, last }: { treeId: string; last: boolean },
  ): Promise<GateVerdict | null> {
    const { workspace, store } = this.#options;
    const { runId, results, artifacts, evidence } = findings;
    const changed = (await workspace.changedSince(turn.cwd, treeId)) ?? [];
    const reason = `Files changed while it ran: ${changed.slice(0, 20).join(', ')}`;
    const run = { runId, status: 'void', results, reason, artifacts } as const;
    return store.writeWhenPossible(turn, (tx) => {
      this.#record(tx, turn, goal, run);
      if (!this.#isSame(goal)) return goesOn(GOAL_CHANGED);
      if (!last) return null;
      const text = voidText(changed, results);
      return this.#refuse(tx, turn, goal, { runId, cause: 'void', evidence, results, text });
    });
  }

  /** Ends the run, and completes the goal or refuses it in the same transaction, if it is still the goal that was verified. */
  async #decide(turn: ActiveTurn, goal: GoalRow, findings: Findings): Promise<GateVerdict> {
    const { store, goals } = this.#options;
    const { runId, results, artifacts, evidence } = findings;
    const run = { runId, results, artifacts };
    return store.writeWhenPossible(turn, (tx) => {
      if (!this.#isSame(goal)) {
        const reason = 'The goal changed while it ran.';
        this.#record(tx, turn, goal, { ...run, status: 'void', reason });
        return goesOn(GOAL_CHANGED);
      }
      if (results.some((result) => result.exitCode !== 0)) {
        this.#record(tx, turn, goal, { ...run, status: 'failed' });
        const text = failureText(results);
        return this.#refuse(tx, turn, goal, { runId, cause: 'failed', evidence, results, text });
      }
      if (turn.hasUnseenInput) {
        const reason = 'The user spoke while it ran.';
        this.#record(tx, turn, goal, { ...run, status: 'void', reason });
        return goesOn(USER_SPOKE);
      }
      this.#record(tx, turn, goal, { ...run, status: 'passed' });
      completeVerified(goals, tx, this.#current(goal), { ...findings, turnId: turn.turnId });
      return passed('Verified. The goal is complete.');
    });
  }

  /** Without commands there is nothing to prove completion by: the goal completes, and says that it is not verified. */
  async #completeUnverified(
    turn: ActiveTurn,
    goal: GoalRow,
    evidence: readonly Evidence[],
  ): Promise<GateVerdict> {
    const { store, goals } = this.#options;
    return store.writeWhenPossible(turn, (tx) => {
      if (turn.hasUnseenInput) return goesOn(USER_SPOKE);
      if (!this.#isSame(goal)) return goesOn('The goal changed. Read it again with get_goal.');
      completeUnverified(goals, tx, this.#current(goal), { evidence, turnId: turn.turnId });
      return passed('The goal is complete.');
    });
  }

  #refuse(
    tx: Tx,
    turn: ActiveTurn,
    goal: GoalRow,
    refusal: Omit<NewRefusal, 'turnId'>,
  ): GateVerdict {
    const { turnId } = turn;
    const { text, blocked } = this.#refusals.refuse(tx, this.#current(goal), {
      ...refusal,
      turnId,
    });
    return { passed: false, text, endsTurn: blocked };
  }

  #current(goal: GoalRow): GoalRow {
    return this.#options.store.repositories.goals.find(goal.goal_id) ?? goal;
  }

  /** Still active, and nobody changed what it says. */
  #isSame(goal: GoalRow): boolean {
    const row = this.#options.store.repositories.goals.find(goal.goal_id);
    return row?.status === 'active' && row.revision === goal.revision;
  }

  /** For a turn that was stopped. A run that cannot be ended now is void after the next start. */
  #end(turn: ActiveTurn, goal: GoalRow, run: EndedRun): void {
    this.#options.store.write(turn, (tx) => {
      this.#record(tx, turn, goal, run);
    });
  }

  #record(tx: Tx, turn: ActiveTurn, goal: GoalRow, run: EndedRun): void {
    this.#options.records.end(tx, gateOwner(turn, goal), run);
  }
}
