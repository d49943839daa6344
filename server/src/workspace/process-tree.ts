import type { ProcessEntry, ProcessTable } from './process-table.js';

/** What makes a process one of those to end. */
export interface ProcessFilter {
  /** Process groups we started, each leading a session too, and when their leaders started (null: not known). */
  readonly groups: ReadonlyMap<number, number | null>;
  /** Leaders of those groups that are sandboxes: with one everything in it dies at once, so it is not asked to end, and ends last. */
  readonly wrappers: ReadonlySet<number>;
  /** Nothing that started earlier is one of them, whatever marks it; clock ticks since boot, null: not known. */
  readonly sinceTicks: number | null;
  /** Whether the environment of a process marks it. */
  readonly isTagged: (environment: string) => boolean;
}

/** When the first of these groups was started: their processes are no older. null when that is not known of all. */
export function earliest(groups: ReadonlyMap<number, number | null>): number | null {
  const starts = [...groups.values()].filter((ticks) => ticks !== null);
  return starts.length === groups.size && starts.length > 0 ? Math.min(...starts) : null;
}

/** Whether an environment, as ProcessTable gives it, sets a variable to a value. */
export function hasVariable(environment: string, name: string, value: string): boolean {
  return environment.includes(`\0${name}=${value}\0`);
}

/** The value of a variable in an environment as ProcessTable gives it, or null. */
export function variable(environment: string, name: string): string | null {
  const start = environment.indexOf(`\0${name}=`);
  if (start < 0) return null;
  const from = start + name.length + 2;
  const end = environment.indexOf('\0', from);
  return end < 0 ? null : environment.slice(from, end);
}

/**
 * Follows the processes of a command or a turn. A process once found stays known, so that its children are found also
 * after it died, and so are the members of its session.
 */
export class ProcessTree {
  readonly #table: ProcessTable;
  readonly #filter: ProcessFilter;
  /** pid -> start, of every process ever found. */
  readonly #known = new Map<number, number>();
  /** Groups and sessions of processes found. */
  readonly #circles: Set<number>;
  readonly #self: ReadonlySet<number>;

  constructor(table: ProcessTable, filter: ProcessFilter) {
    this.#table = table;
    this.#filter = filter;
    this.#circles = new Set(filter.groups.keys());
    this.#self = new Set([0, 1, process.pid, process.ppid]);
  }

  /** The groups we started that are still ours. */
  get groups(): readonly number[] {
    return [...this.#filter.groups.keys()].filter((group) => this.#circles.has(group));
  }

  get wrappers(): ReadonlySet<number> {
    return this.#filter.wrappers;
  }

  /** Whether `alive` tells of all processes; false where only groups can be signalled. */
  get isComplete(): boolean {
    return this.#table.isComplete;
  }

  /** The processes that are alive now, zombies aside. Never ourselves, our parent or init. */
  alive(): readonly ProcessEntry[] {
    const entries = this.#table.list();
    const self = entries.find((entry) => entry.pid === process.pid);
    const off = new Set([0, 1, self?.group ?? 0, self?.session ?? 0]);
    const sinceTicks = this.#filter.sinceTicks ?? 0;
    const rest = new Set(
      entries.filter((entry) => !this.#self.has(entry.pid) && entry.startedTicks >= sinceTicks),
    );
    const found = new Set<ProcessEntry>();
    this.#dropReused(entries);
    const take = (entry: ProcessEntry): void => {
      rest.delete(entry);
      found.add(entry);
      this.#known.set(entry.pid, entry.startedTicks);
      for (const circle of [entry.pid, entry.group, entry.session]) {
        if (!off.has(circle)) this.#circles.add(circle);
      }
    };
    for (const entry of rest) {
      if (this.#isRelated(entry) || this.#filter.isTagged(this.#table.environment(entry.pid))) {
        take(entry);
      }
    }
    for (let before = -1; before !== found.size;) {
      before = found.size;
      for (const entry of rest) if (this.#isRelated(entry)) take(entry);
    }
    return [...found].filter((entry) => !entry.isZombie);
  }

  /** A group whose leader is another process by now is not ours any more. */
  #dropReused(entries: readonly ProcessEntry[]): void {
    for (const { pid, startedTicks } of entries) {
      const known = this.#filter.groups.get(pid) ?? null;
      if (known !== null && known !== startedTicks) this.#circles.delete(pid);
    }
  }

  #isRelated(entry: ProcessEntry): boolean {
    return (
      this.#known.get(entry.pid) === entry.startedTicks ||
      this.#known.has(entry.parent) ||
      this.#circles.has(entry.group) ||
      this.#circles.has(entry.session)
    );
  }
}
