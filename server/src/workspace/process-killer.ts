import { setTimeout as delay } from 'node:timers/promises';
import type { KillReport } from '../engine/ports/commands.js';
import type { ProcessEntry } from './process-table.js';
import type { ProcessTree } from './process-tree.js';

const POLL_MS = 15;
/** Rounds of freezing and looking again before killing, against trees that fork on and on. */
const FREEZE_ROUNDS = 20;

type SendResult = 'sent' | 'gone' | 'refused';

function send(pid: number, signal: NodeJS.Signals | 0): SendResult {
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    const isRefused = error instanceof Error && 'code' in error && error.code === 'EPERM';
    return isRefused ? 'refused' : 'gone';
  }
}

/** Ends the processes of one tree, with the process groups that lead it. */
export class ProcessKiller {
  readonly #tree: ProcessTree;
  /** Processes of another user: not ours to end, so not to be waited for. */
  readonly #refused = new Set<number>();
  readonly #found = new Set<number>();
  readonly #forced = new Set<number>();

  constructor(tree: ProcessTree) {
    this.#tree = tree;
  }

  /** SIGTERM to all, SIGKILL to those left after the grace time. Resolves when all are dead. */
  async end(graceMs: number): Promise<KillReport> {
    const first = this.#alive();
    for (const pid of first) this.#found.add(pid);
    if (first.length > 0) {
      this.#askAll(first, 'SIGTERM');
      // A stopped process takes its SIGTERM only when it goes on.
      this.#askAll(first, 'SIGCONT');
      const deadline = performance.now() + graceMs;
      while (this.#alive().length > 0 && performance.now() < deadline) await delay(POLL_MS);
      await this.#kill();
    }
    return { found: [...this.#found], forced: [...this.#forced] };
  }

  async #kill(): Promise<void> {
    // A process in the middle of an exec shows no environment: one look that finds nothing is not enough.
    for (let wait = POLL_MS, empty = 0; empty < 2; wait = Math.min(wait * 2, 250)) {
      const alive = this.#freeze();
      empty = alive.length === 0 ? empty + 1 : 0;
      for (const pid of alive) this.#forced.add(pid);
      this.#signalAll(alive, 'SIGKILL');
      if (empty < 2) await delay(empty > 0 ? POLL_MS : wait);
    }
  }

  /** Stops all until no new one turns up: a stopped parent keeps its children findable and makes no more. */
  #freeze(): readonly number[] {
    let seen = 0;
    let alive = this.#alive();
    for (let round = 0; round < FREEZE_ROUNDS && alive.length > 0; round += 1) {
      this.#signalAll(alive, 'SIGSTOP');
      const now = this.#alive();
      const all = new Set([...alive, ...now]);
      alive = now;
      if (all.size === seen) break;
      seen = all.size;
    }
    return alive;
  }

  /** Signals that a process may answer in its own way: for those in a sandbox, not for the sandbox. */
  #askAll(pids: readonly number[], signal: NodeJS.Signals): void {
    const { groups, wrappers } = this.#tree;
    const free = groups.filter((group) => !wrappers.has(group));
    const inside = pids.filter((pid) => !wrappers.has(pid));
    this.#send(inside, free, signal);
  }

  #signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
    if (pids.length === 0) return;
    this.#send(pids, this.#tree.groups, signal);
  }

  #send(pids: readonly number[], groups: readonly number[], signal: NodeJS.Signals): void {
    // A group takes a signal as one: no member forks away from it.
    for (const group of groups) send(-group, signal);
    for (const pid of pids) {
      if (!groups.includes(pid) && send(pid, signal) === 'refused') this.#refused.add(pid);
    }
  }

  /** What is alive, the groups without a visible member among it. */
  #alive(): readonly number[] {
    const entries: readonly ProcessEntry[] = this.#tree.alive();
    const pids = entries.map((entry) => entry.pid).filter((pid) => !this.#refused.has(pid));
    if (this.#tree.isComplete) return pids;
    return this.#tree.groups.filter((group) => send(-group, 0) === 'sent');
  }
}
