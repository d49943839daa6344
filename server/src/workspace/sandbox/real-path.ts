import { existsSync, realpathSync } from 'node:fs';

/**
 * A path without its symbolic links; null when nothing is there. Every command asks it of some hundred places, most of which are missing:
 * the system's own is far quicker than Node's, and so is no error.
 */
export function realOrNull(path: string): string | null {
  if (!existsSync(path)) return null;
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}
