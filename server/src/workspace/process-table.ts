import { readFileSync, readdirSync } from 'node:fs';

/** One process as it is now. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks since boot: with the pid, names a process once and for all. */
  readonly startedTicks: number;
  readonly isZombie: boolean;
}

/** The processes of this machine. */
export interface ProcessTable {
  /** Whether `list` tells of all processes. */
  readonly isComplete: boolean;
  /** All processes; empty where the system does not tell. */
  list(): readonly ProcessEntry[];
  /** When a process started, or null when it is gone or the system does not tell. */
  startedTicks(pid: number): number | null;
  /** The environment a process was started with, as `\0NAME=value\0…\0`; empty when it is gone or not ours to read. */
  environment(pid: number): string;
}

function parseStat(pid: number, stat: string): ProcessEntry | null {
  // The name stands in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const startedTicks = Number(fields[19]);
  if (state === undefined || Number.isNaN(startedTicks)) return null;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startedTicks,
    isZombie: state === 'Z' || state === 'X' || state === 'x',
  };
}

/** Linux: reads /proc. Synchronous on purpose: a process that forks on and on must not win the race. */
class ProcProcessTable implements ProcessTable {
  readonly isComplete = true;

  list(): readonly ProcessEntry[] {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? this.#read(name) : []));
  }

  startedTicks(pid: number): number | null {
    return this.#read(String(pid))[0]?.startedTicks ?? null;
  }

  environment(pid: number): string {
    try {
      return `\0${readFileSync(`/proc/${String(pid)}/environ`, 'latin1')}`;
    } catch {
      return '';
    }
  }

  #read(name: string): ProcessEntry[] {
    try {
      const entry = parseStat(Number(name), readFileSync(`/proc/${name}/stat`, 'latin1'));
      return entry === null ? [] : [entry];
    } catch {
      return [];
    }
  }
}

/** Systems without /proc: nothing is known beside the process groups we started. */
export class EmptyProcessTable implements ProcessTable {
  readonly isComplete = false;

  list(): readonly ProcessEntry[] {
    return [];
  }

  startedTicks(): null {
    return null;
  }

  environment(): string {
    return '';
  }
}

/** The table fit for this platform. */
export function processTable(): ProcessTable {
  return process.platform === 'linux' ? new ProcProcessTable() : new EmptyProcessTable();
}
