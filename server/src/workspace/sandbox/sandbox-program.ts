import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ownPath } from '../own-path.js';

/** What confines commands on this machine. */
export type SandboxProgram =
  | {
      readonly kind: 'bubblewrap';
      /** Absolute. */
      readonly path: string;
      readonly asRoot: boolean;
      readonly sharesProc: boolean;
      /** The kernel counts the processes of a sandbox by themselves and holds it to a limit. */
      readonly limitsTasks: boolean;
      /** The kernel takes a filter of system calls. */
      readonly filters: boolean;
    }
  | { readonly kind: 'seatbelt'; readonly path: string };

export const INSTALL_ADVICE =
  'Install bubblewrap (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap; Arch: pacman -S bubblewrap) and start goald again.';

/**
 * Linux counts processes for each user namespace since 5.14, and never holds root to a limit. `release` as uname says it; `uid` is what
 * the user is outside of all namespaces.
 */
export function limitsTasks(release: string, uid: number | null): boolean {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return uid !== null && uid !== 0 && (major > 5 || (major === 5 && minor >= 14));
}

/** Our user as the namespace around ours knows it: root of the machine may go by another number here. null where nobody tells. */
export function uidOutside(): number | null {
  const uid = process.getuid?.();
  if (uid === undefined) return null;
  try {
    for (const line of readFileSync('/proc/self/uid_map', 'utf8').trim().split('\n')) {
      const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
      if (uid >= inside && uid < inside + count) return outside + uid - inside;
    }
  } catch {
    // No Linux.
  }
  return null;
}

/** The absolute path of a program, or null. Only folders that are given absolutely and belong to no project are looked into. */
export function findProgram(name: string, path: string | undefined): string | null {
  for (const folder of ownPath(path).split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      continue;
    }
  }
  return null;
}
