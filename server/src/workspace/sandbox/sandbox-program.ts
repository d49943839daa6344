import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What confines commands on this machine. */
export type SandboxProgram =
  | {
      readonly kind: 'bubblewrap';
      /** Absolute. */
      readonly path: string;
      readonly asRoot: boolean;
      readonly sharesProc: boolean;
    }
  | { readonly kind: 'seatbelt'; readonly path: string };

export const INSTALL_ADVICE =
  'Install bubblewrap (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap; Arch: pacman -S bubblewrap) and start goald again.';

/** The absolute path of a program, or null. Only folders that are given absolutely are looked into. */
export function findProgram(name: string, path: string | undefined): string | null {
  for (const folder of (path ?? '/usr/bin:/bin').split(delimiter)) {
    if (!folder.startsWith('/')) continue;
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      continue;
    }
  }
  return null;
}
