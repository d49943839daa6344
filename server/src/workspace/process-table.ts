import { closeSync, openSync, readSync, readdirSync } from 'node:fs';

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
  /** Grows to what the largest file took. One for all: making one for every file takes longer than reading it. */
  #buffer = Buffer.allocUnsafe(16 * 1024);

  list(): readonly ProcessEntry[] {
    return readdirSync('/proc').flatMap((name) => (/^\d/.test(name) ? this.#read(name) : []));
  }

  startedTicks(pid: number): number | null {
    return this.#read(String(pid))[0]?.startedTicks ?? null;
  }

  environment(pid: number): string {
    return `\0${this.#text(`/proc/${String(pid)}/environ`)}`;
  }

  #read(name: string): ProcessEntry[] {
    const entry = parseStat(Number(name), this.#text(`/proc/${name}/stat`));
    return entry === null ? [] : [entry];
  }

  /** Empty when it cannot be read. Not by readFile, which asks for the size first: files in /proc have none. */
  #text(path: string): string {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch {
      return '';
    }
    try {
      for (let length = 0; ;) {
        const read = readSync(file, this.#buffer, length, this.#buffer.length - length, null);
        if (read === 0) return this.#buffer.toString('latin1', 0, length);
        length += read;
        if (length < this.#buffer.length) continue;
        this.#buffer = Buffer.concat([this.#buffer, Buffer.allocUnsafe(length)]);
      }
    } catch {
      return '';
    } finally {
      closeSync(file);
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
