import { ProtocolError, type VerificationResult, type VerificationRun } from '@goald/protocol';
import { join } from 'node:path';
import { v7 as uuid } from 'uuid';
import { definitionOf } from '../../goals/goal-record.js';
import type { Actor } from '../../store/mutation.js';
import type { GoalRow } from '../../store/repositories/goals.js';
import type { Repositories } from '../../store/repositories/index.js';
import type { Store } from '../../store/store.js';
import type { Clock } from '../ports/clock.js';
import type { Failpoints } from '../ports/failpoints.js';
import type { Workspace } from '../ports/workspace.js';
import type { Confinements } from '../confinement/confinements.js';
import type { CommandSeries } from './command-series.js';
import type { FolderLocks } from './folder-locks.js';
import { collectArtifacts } from './run-artifacts.js';
import { toRun, type EndedRun, type RunOwner, type RunRecords } from './run-records.js';

export interface UserVerificationOptions {
  readonly store: Store;
  readonly repositories: Repositories;
  readonly workspace: Workspace;
  readonly series: CommandSeries;
  readonly confinements: Confinements;
  readonly records: RunRecords;
  readonly locks: FolderLocks;
  readonly clock: Clock;
  readonly outputDir: string;
  readonly failpoint: Failpoints;
}

interface Running {
  readonly stop: AbortController;
  readonly done: Promise<unknown>;
}

/** Verification that a user asks for: no model, and the goal stays as it is. */
export class UserVerification implements AsyncDisposable {
  readonly #options: UserVerificationOptions;
  readonly #running = new Map<string, Running>();
  #closed = false;

  constructor(options: UserVerificationOptions) {
    this.#options = options;
  }

  /**
   * Runs the commands of a goal. Throws invalid_request when it has none or its folder is gone, and invalid_transition while a
   * verification runs in that folder already. `signal` ends it; the run is void then.
   */
  async run(goal: GoalRow, actor: Actor, signal: AbortSignal): Promise<VerificationRun> {
    const { repositories, locks } = this.#options;
    const cwd = repositories.threads.find(goal.thread_id)?.cwd ?? '';
    if (definitionOf(goal).verification.length === 0) {
      throw new ProtocolError(
        'invalid_request',
        'This goal has no verification commands: add some with thread/goal/set.',
      );
    }
    if (this.#closed) throw new ProtocolError('overloaded', 'The daemon is stopping.');
    const lease = locks.tryTake(cwd);
    if (lease === null) {
      throw new ProtocolError(
        'invalid_transition',
        'A verification runs in this folder already: wait until it has ended (verification.finished), then ask again.',
      );
    }
    using _lease = lease;
    const stop = new AbortController();
    const work = this.#run(goal, cwd, actor, AbortSignal.any([signal, stop.signal]));
    const done = work.catch(() => undefined);
    this.#running.set(goal.thread_id, { stop, done });
    try {
      return await work;
    } finally {
      this.#running.delete(goal.thread_id);
    }
  }

  /** Ends the run of a thread, if there is one; resolves when its processes are dead. */
  async stop(threadId: string): Promise<void> {
    const running = this.#running.get(threadId);
    running?.stop.abort(new Error('The thread was put away.'));
    await running?.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running.keys()].map((threadId) => this.stop(threadId)));
  }

  async #run(
    goal: GoalRow,
    cwd: string,
    actor: Actor,
    signal: AbortSignal,
  ): Promise<VerificationRun> {
    const { store, repositories, workspace, series, records, clock, failpoint } = this.#options;
    const commands = definitionOf(goal).verification;
    const confinement = this.#options.confinements.of(goal.thread_id, goal.goal_id);
    const treeId = await workspace.keepBaseline(cwd).catch((error: unknown) => {
      throw new ProtocolError(
        'invalid_request',
        error instanceof Error ? error.message : String(error),
      );
    });
    const runId = uuid();
    const startedAtMs = clock.now();
    const owner: RunOwner = {
      threadId: goal.thread_id,
      goalId: goal.goal_id,
      revision: goal.revision,
      turn: null,
      actor,
    };
    store.write((tx) => {
      records.begin(tx, owner, { runId, treeId, commands, evidence: [] });
    });
    failpoint('verify.started');
    const logDir = join(this.#options.outputDir, goal.thread_id, `verification-${runId}`);
    const results: VerificationResult[] = [];
    let ended: EndedRun;
    try {
      await series.run({ runId, cwd, treeId, confinement, commands, signal, logDir }, results);
      const artifacts = await collectArtifacts(workspace, {
        cwd,
        baselineTreeId: repositories.goals.find(goal.goal_id)?.baseline_tree_id ?? null,
        into: logDir,
        startedAtMs,
      });
      const changed = await workspace.changedSince(cwd, treeId);
      ended = { runId, results, artifacts, ...judged(results, changed) };
    } catch (error) {
      const why = signal.aborted ? 'It was cancelled.' : 'The folder could not be read.';
      ended = { runId, status: 'void', results, reason: why };
      if (!signal.aborted) throw error;
    } finally {
      failpoint('verify.beforeEnd');
      store.write((tx) => {
        records.end(tx, owner, ended);
      });
    }
    const row = repositories.notes.run(runId);
    if (row === undefined) throw new Error(`Run ${runId} is gone.`);
    return toRun(row);
  }
}

function judged(
  results: readonly VerificationResult[],
  changed: readonly string[] | null,
): Pick<EndedRun, 'status' | 'reason'> {
  if (changed === null || changed.length > 0) {
    const named = (changed ?? []).slice(0, 20).join(', ');
    return { status: 'void', reason: `Files changed while it ran: ${named}` };
  }
  const isPassed = results.every((result) => result.exitCode === 0);
  return { status: isPassed ? 'passed' : 'failed', reason: null };
}
