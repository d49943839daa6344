import { lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isInside, showsMachine, type ViewRule } from '../../engine/ports/view-rules.js';
import { kindOf, UnprotectableError } from './git-places.js';
import { HOME_SECRETS, HOME_STARTUP, TOOL_PLACES } from './places.js';
import { realOrNull } from './real-path.js';
import type { ViewBuilder } from './view-builder.js';

const PROTECTED = ['.git', '.goald'] as const;
const MOST_SOCKETS = 200;

export interface Protected {
  /** Real paths of the folders of the thread. */
  readonly roots: readonly string[];
  /** Those of them that commands may change. */
  readonly writable: readonly string[];
  readonly writableGit: boolean;
  readonly home: string | null;
  /** What belongs to the daemon: nobody puts anything there either. */
  readonly own: readonly string[];
  /** What the configuration hides. */
  readonly hidden: readonly string[];
  /** Repositories below a root. */
  readonly nested: (root: string) => readonly string[];
}

/**
 * Keeps commands from what runs later, as the user, and from what they are not to see, in the folders that they may change and elsewhere.
 * Each folder on the way to such a place is held where it is: moved away, another could take its place.
 */
export function protect(view: ViewBuilder, of: Protected): void {
  const { roots, writable, home } = of;
  const rules = [
    ...(of.writableGit ? [] : writable.flatMap((root) => ofRepository(root, of.nested(root)))),
    ...(home === null ? [] : ofHome(home, writable)),
    ...sharedPlaces(writable, home).flatMap(socketsIn).map(masked),
    ...masksOf(of),
  ].filter(({ path }) => !roots.some((root) => isInside(root, path)));
  const held = heldFolders([...rules.map(({ path }) => path), ...writable], writable);
  // An outer one first, or it would stand over those in it.
  for (const folder of [...new Set([...roots, ...held])].sort((a, b) => a.length - b.length)) {
    view.add(folder, isInAny(folder, writable) ? 'write' : 'read');
  }
  for (const { path, access, ...more } of rules) {
    if (access !== 'none' || more.isGuard === true || showsMachine(view.rules, path)) {
      view.add(path, access, more);
    }
  }
}

function masksOf({ home, own, hidden, writable }: Protected): ViewRule[] {
  const secrets =
    home === null ? [] : [...HOME_SECRETS, '.npm/_logs'].map((path) => join(home, path));
  const missing = own.filter((path) => realOrNull(path) === null && isInAny(path, writable));
  return [
    ...[...secrets, ...own, ...hidden].flatMap((path) => realOrNull(path) ?? []).map(masked),
    ...missing.map((path) => ({ ...masked(path), isGuard: true })),
  ];
}

function masked(path: string): ViewRule {
  return { path, access: 'none' };
}

/** Every folder between a root and what is protected in it. */
function heldFolders(paths: readonly string[], roots: readonly string[]): ReadonlySet<string> {
  const held = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(path); isInAny(folder, roots); folder = dirname(folder)) {
      if (kindOf(folder) === 'folder') held.add(folder);
    }
  }
  return held;
}

function isInAny(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => isInside(path, folder));
}

/** What git and goald run or obey there cannot be written, and cannot be put there either. */
function ofRepository(root: string, nested: readonly string[]): ViewRule[] {
  const own = PROTECTED.map((name): ViewRule => {
    const path = join(root, name);
    switch (kindOf(path)) {
      case 'missing':
        return { path, access: 'none', isGuard: true };
      case 'folder':
        return isEmptyFolder(path)
          ? { path, access: 'none', isGuard: true }
          : { path, access: 'read' };
      case 'file':
        return { path, access: 'read' };
      case 'link':
      case 'other':
        throw new UnprotectableError(
          `${path} is no plain folder, so a sandbox cannot protect it: put the folder itself there, or set sandbox.writableGit.`,
        );
    }
  });
  const below = nested.flatMap((repository) => PROTECTED.map((name) => join(repository, name)));
  const there = below.filter((path) => ['folder', 'file'].includes(kindOf(path)));
  return [...own, ...there.map((path): ViewRule => ({ path, access: 'read' }))];
}

/** What the shell and the desktop of the user run by themselves, and the programs there. */
function ofHome(home: string, writable: readonly string[]): ViewRule[] {
  const startup = HOME_STARTUP.map((path) => join(home, path)).filter((path) =>
    isInAny(path, writable),
  );
  const tools = TOOL_PLACES.map((path) => join(home, path));
  return [
    ...[...startup, ...tools]
      .flatMap((path) => realOrNull(path) ?? [])
      .filter((path) => isInAny(path, writable))
      .map((path): ViewRule => ({ path, access: 'read' })),
    ...startup
      .filter((path) => kindOf(path) === 'missing')
      .map((path) => ({ ...masked(path), isGuard: true })),
  ];
}

/** Roots in which programs of the user put their sockets. */
function sharedPlaces(roots: readonly string[], home: string | null): readonly string[] {
  const shared = ['/tmp', '/var/tmp', ...(home === null ? [] : [home])];
  return shared
    .flatMap((path) => realOrNull(path) ?? [])
    .filter((path) => roots.some((root) => isInside(path, root)));
}

/** Sockets in a folder and in those it holds. */
function socketsIn(folder: string): readonly string[] {
  const folders = entriesOf(folder).filter((entry) => entry.isDirectory());
  const places = [folder, ...folders.map(({ name }) => join(folder, name))];
  return places
    .flatMap((place) =>
      entriesOf(place).flatMap((entry) => (entry.isSocket() ? [join(place, entry.name)] : [])),
    )
    .slice(0, MOST_SOCKETS);
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isEmptyFolder(path: string): boolean {
  return lstatSync(path).isDirectory() && entriesOf(path).length === 0;
}
