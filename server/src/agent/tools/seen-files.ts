import { constants } from 'node:fs';
import { open, readlink, realpath, type FileHandle } from 'node:fs/promises';
import type { Confinement } from '../../engine/ports/confinement.js';
import { isShown, machinePath, type ViewRule } from '../../engine/ports/view-rules.js';
import { errorCode } from './tool-error.js';

/** What commands see; null: everything that the daemon does. */
export type View = readonly ViewRule[] | null;

/** The view of a confinement. Throws an Error that says why there is none. */
export type ViewOf = (confinement: Confinement) => View;

/** Linux names an open file by what it is, however its path has changed since it was opened. */
const HAS_PROC = process.platform === 'linux';
/** A pipe that nobody writes must not hold the daemon. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** A file or folder that was opened and then checked: nothing that happens to its path makes it another. */
export interface SeenFile extends AsyncDisposable {
  readonly handle: FileHandle;
  /** Leads to the same file for as long as this is open. */
  readonly path: string;
  /** Absolute, without links, when it was opened. */
  readonly real: string;
}

/** Opens what a view shows at a path. null: nothing is there, or nothing that is shown. */
export async function openSeen(view: View, path: string): Promise<SeenFile | null> {
  const place = view === null ? path : machinePath(view, path);
  return place === null ? null : openShown(view, place);
}

/** The same for a path of the machine. */
export async function openShown(view: View, place: string): Promise<SeenFile | null> {
  const seen = await openReal(place);
  if (seen === null || view === null || isShown(view, seen.real)) return seen;
  await seen[Symbol.asyncDispose]();
  return null;
}

/** Opens a path whose parts must be no links, as it was found: null when it is gone, or another by now. */
export async function openSame(real: string): Promise<SeenFile | null> {
  const seen = await openReal(real);
  if (seen === null || seen.real === real) return seen;
  await seen[Symbol.asyncDispose]();
  return null;
}

/** The text of a file, links followed; null where there is none, or no file. */
export async function readIfFile(path: string): Promise<string | null> {
  try {
    await using file = await open(path, READ);
    return (await file.stat()).isFile() ? await file.readFile('utf8') : null;
  } catch {
    return null;
  }
}

async function openReal(path: string): Promise<SeenFile | null> {
  const handle = await openOrNull(path);
  if (handle === null) return null;
  try {
    const lasting = HAS_PROC ? `/proc/self/fd/${String(handle.fd)}` : path;
    const real = HAS_PROC ? await readlink(lasting) : await realpath(path);
    return { handle, path: lasting, real, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openOrNull(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, READ);
  } catch (error) {
    const code = errorCode(error);
    // A socket, or a device that is not there, is nothing that can be read.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENXIO') return null;
    throw error;
  }
}
