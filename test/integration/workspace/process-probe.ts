import { readFileSync, readdirSync } from 'node:fs';

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Whether a process is there and no zombie. */
export function isAlive(pid: number): boolean {
  const stat = read(`/proc/${String(pid)}/stat`);
  return stat !== '' && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

/** Live processes whose command line holds this text. */
export function withText(text: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/cmdline`).includes(text))
    .map(Number)
    .filter((pid) => isAlive(pid) && pid !== process.pid);
}
