import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One entry of a lockfile's "packages".
 * @typedef {{ version?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockEntry
 * @typedef {{ packages?: Record<string, LockEntry> }} Lockfile
 */

/**
 * Packages the lockfile wants and node_modules does not have in that version. Packages that npm may leave out
 * (optional ones of other platforms) do not count.
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile} present node_modules/.package-lock.json, which npm writes after each install
 * @returns {string[]}
 */
export function missingPackages(wanted, present) {
  return Object.entries(wanted.packages ?? {})
    .filter(([path]) => path.includes('node_modules/'))
    .filter(([, entry]) => !(entry.optional ?? false) && !(entry.devOptional ?? false))
    .filter(([path, entry]) => {
      const have = present.packages?.[path];
      return have === undefined || have.version !== entry.version || have.link !== entry.link;
    })
    .map(([path]) => path);
}

/**
 * True when node_modules is what the lockfile says (or, without a lockfile, when there is one).
 * @param {string} root
 * @returns {boolean}
 */
export function isInstalled(root) {
  const present = readJson(join(root, 'node_modules', '.package-lock.json'));
  if (present === null) return false;
  if (!existsSync(join(root, 'package-lock.json'))) return true;
  const wanted = readJson(join(root, 'package-lock.json'));
  return wanted !== null && missingPackages(wanted, present).length === 0;
}

/**
 * @param {string} file
 * @returns {Lockfile | null}
 */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
