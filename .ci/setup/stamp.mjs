import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Packages that are compiled, in the order they depend on each other. */
export const PROJECTS = Object.freeze(['protocol', 'server', 'clients/core', 'clients/cli']);

/**
 * What the last finished set-up was made from.
 * @typedef {{ lock: string, runtime: string, sources: string }} Stamp
 */

/** @param {string} root */
function stampFile(root) {
  return join(root, 'node_modules', '.cache', 'goald', 'setup.json');
}

/**
 * What is there now. `lock` is empty without a lockfile.
 * @param {string} root
 * @returns {Stamp}
 */
export function currentStamp(root) {
  return {
    lock: lockHash(root),
    runtime: `${process.platform}-${process.arch}-${process.versions.modules}`,
    sources: sourcesSignature(root),
  };
}

/**
 * The stamp of the last finished set-up, or null.
 * @param {string} root
 * @returns {Stamp | null}
 */
export function readStamp(root) {
  try {
    return JSON.parse(readFileSync(stampFile(root), 'utf8'));
  } catch {
    return null;
  }
}

/**
 * @param {string} root
 * @param {Stamp} stamp
 */
export function writeStamp(root, stamp) {
  const file = stampFile(root);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(stamp));
}

/**
 * True when every compiled package still has its output.
 * @param {string} root
 */
export function isBuilt(root) {
  return PROJECTS.every((project) => existsSync(join(root, project, 'dist', '.tsbuildinfo')));
}

/** @param {string} root */
function lockHash(root) {
  try {
    return createHash('sha256')
      .update(readFileSync(join(root, 'package-lock.json')))
      .digest('hex');
  } catch {
    return '';
  }
}

/**
 * Changes whenever a source was edited, added or removed. Reads no file, only their size and time.
 * @param {string} root
 * @returns {string}
 */
export function sourcesSignature(root) {
  const hash = createHash('sha256');
  const add = (/** @type {string} */ path) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    hash.update(`${path}\0${stat?.size ?? -1}\0${stat?.mtimeMs ?? -1}\n`);
  };
  add('tsconfig.base.json');
  for (const project of PROJECTS) {
    add(join(project, 'tsconfig.json'));
    add(join(project, 'package.json'));
    for (const file of filesUnder(join(root, project, 'src'))) add(join(project, 'src', file));
  }
  return hash.digest('hex');
}

/**
 * Paths of all files under a folder, relative to it, sorted; empty when there is no such folder.
 * @param {string} folder
 * @returns {string[]}
 */
export function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  /** @type {string[]} */
  const found = [];
  const walk = (/** @type {string} */ prefix) => {
    for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else found.push(path);
    }
  };
  walk('');
  return found.sort();
}
