import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  PROJECT_SETTINGS_PATH,
  projectSettingsSchema,
  type ProjectSettings,
} from '@goald/protocol';
import { ConfigError, issueLines, parseObject } from '../config/jsonc-file.js';

/** Settings are a page of text; what is larger is something else. */
const MAX_BYTES = 64 * 1024;

/** The settings file of a project, without symbolic links on the way: they could show what lies outside of the repository. */
export function settingsPath(root: string): string {
  return join(root, PROJECT_SETTINGS_PATH);
}

/** Differs after a change of the file; null where there is none. Never throws. */
export function settingsStamp(root: string): string | null {
  const path = settingsPath(root);
  try {
    const folder = lstatSync(dirname(path), { throwIfNoEntry: false });
    const file = lstatSync(path, { throwIfNoEntry: false });
    if (folder === undefined || file === undefined) return null;
    const { ino, size, mtimeMs, ctimeMs, mode } = file;
    return [folder.mode, mode, ino, size, mtimeMs, ctimeMs].join(' ');
  } catch (error) {
    // A folder that may not be entered, say: reading it tells why.
    return String(error);
  }
}

/** The settings of a project. Throws ConfigError, which says where and why. */
export function readSettings(root: string): ProjectSettings {
  const path = settingsPath(root);
  const text = readPlainFile(path);
  const read = projectSettingsSchema.safeParse(parseObject(text, path));
  if (read.success) return read.data;
  throw new ConfigError(
    [
      `${path} is not valid. A project may set model.name, verification, sandbox.network and limits, nothing else:`,
      ...issueLines(text, read.error.issues),
    ].join('\n'),
  );
}

function readPlainFile(path: string): string {
  try {
    if (!lstatSync(dirname(path)).isDirectory()) throw new Error('.goald is no folder of its own');
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size } = fstatOfFile(file);
      if (size > MAX_BYTES) throw new Error(`it has more than ${String(MAX_BYTES)} bytes`);
      return readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${path} cannot be read as settings: ${reason}.`);
  }
}

function fstatOfFile(file: number): { size: number } {
  const stats = fstatSync(file);
  if (!stats.isFile()) throw new Error('it is no file');
  return stats;
}
