import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { isInside } from '../../engine/ports/view-rules.js';
import { UnprotectableError } from './git-places.js';

interface Way {
  /** Without symbolic links. */
  readonly real: string;
  /** Folders of the links on the way. */
  readonly links: readonly string[];
}

const MOST_LINKS = 40;
/** Nothing could be kept out of what holds these. */
const NEVER = /^\/(?:(?:proc|sys|dev|run)(?:\/|$)|$)/u;

/**
 * Where the folders that commands may change really are; the first one is the thread's own. One whose way leads over a link in another of
 * them counts for nothing, for a command may have put it there. Throws UnprotectableError for the thread's own.
 */
export function writableRoots(folders: readonly string[]): readonly string[] {
  const found = folders.flatMap((folder) => wayTo(folder) ?? []);
  const [own, ...more] = found;
  if (own === undefined) return [];
  const isLed = (way: Way, others: readonly Way[]): boolean =>
    others.some((other) => other !== way && way.links.some((link) => isInside(link, other.real)));
  const kept = more.filter((way) => !isLed(way, [own, ...more]));
  if (isLed(own, kept)) {
    throw new UnprotectableError(
      `The way to ${folders[0] ?? ''} leads over a link that commands may change: name the folder itself.`,
    );
  }
  for (const { real } of [own, ...kept]) {
    if (!NEVER.test(real)) continue;
    throw new UnprotectableError(
      `A sandbox cannot confine commands that may change ${real}: name the folder of a project.`,
    );
  }
  return [...new Set([own, ...kept].map(({ real }) => real))];
}

/** null: nothing is there. */
function wayTo(path: string): Way | null {
  const links: string[] = [];
  let place = '/';
  let open = path.split('/');
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    if (name === '' || name === '.') continue;
    const next = name === '..' ? dirname(place) : join(place, name);
    const found = lstatOrNull(next);
    if (found === null) return null;
    if (!found.isSymbolicLink()) {
      place = next;
      continue;
    }
    links.push(place);
    if (links.length > MOST_LINKS) return null;
    const target = readlinkSync(next);
    if (target.startsWith('/')) place = '/';
    open = [...target.split('/'), ...open];
  }
  return { real: place, links };
}

function lstatOrNull(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}
