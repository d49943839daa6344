import { closeSync, readdirSync, readFileSync } from 'node:fs';

const CLOSED_FOR_CHILDREN = 0o2000000;
const STANDARD = 2;

/**
 * Closes what whoever started this process has left open in it, its standard streams aside: every command would have it, too, and could write
 * to it from any sandbox. What Node opens itself is closed for children anyway. For Linux; does nothing elsewhere.
 */
export function closeInherited(env: NodeJS.ProcessEnv): void {
  // Node's own way to a parent that wants to talk.
  const channel = Number(env['NODE_CHANNEL_FD']);
  for (const fd of openFiles()) {
    if (fd <= STANDARD || fd === channel || (flagsOf(fd) & CLOSED_FOR_CHILDREN) !== 0) continue;
    try {
      closeSync(fd);
    } catch {
      // Closed meanwhile.
    }
  }
}

function openFiles(): readonly number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number);
  } catch {
    return [];
  }
}

/** Of a file that is not there: closed. */
function flagsOf(fd: number): number {
  try {
    const flags = /^flags:\s*([0-7]+)/mu.exec(
      readFileSync(`/proc/self/fdinfo/${String(fd)}`, 'utf8'),
    );
    return Number.parseInt(flags?.[1] ?? '0', 8);
  } catch {
    return CLOSED_FOR_CHILDREN;
  }
}
