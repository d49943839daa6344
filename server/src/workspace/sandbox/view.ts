import { delimiter, dirname, join } from 'node:path';
import type { Confinement } from '../../engine/ports/confinement.js';
import { kindOf, linkedGitFolders, repositoryRoot, UnprotectableError } from './git-places.js';
import {
  PRIVATE_CACHES,
  SYSTEM_HIDDEN,
  SYSTEM_SHOWN,
  TOOL_PLACES,
  TOOL_VARIABLES,
} from './places.js';
import { realOrNull } from './real-path.js';
import { protect } from './protections.js';
import { ViewBuilder } from './view-builder.js';
import { writableRoots } from './writable-roots.js';
import { isInside, showsMachine, type ViewRule } from '../../engine/ports/view-rules.js';

/** What a view is made of beside the confinement. */
export interface ViewSettings {
  readonly env: NodeJS.ProcessEnv;
  /** Folders and files of the daemon: state, configuration, sockets. */
  readonly own: readonly string[];
  /** Inside of those, where a thread may have its folder. */
  readonly worktrees: string;
  /** Outputs of the thread's calls, which it may read. */
  readonly outputs: string;
  /** Absolute folder for what each thread keeps of its own: temporary files and caches. */
  readonly privateFolder: string;
  /** Shown beside tools, and hidden beside secrets, by the configuration. */
  readonly readable: readonly string[];
  readonly hidden: readonly string[];
  /** Repositories below a writable root. */
  readonly nested: (root: string) => readonly string[];
}

/** Names of the folders a thread keeps, below `privateFolder/<thread>`. */
export const PRIVATE_NAMES: readonly string[] = ['tmp', ...Object.values(PRIVATE_CACHES)];

/** What the commands of a confinement see, from the weakest rule to the strongest. Throws UnprotectableError. */
export function viewOf(confinement: Confinement, settings: ViewSettings): readonly ViewRule[] {
  const view = new ViewBuilder();
  const cwd = realOr(confinement.cwd);
  const writable = writableRoots(confinement.writableRoots);
  const roots = [...new Set([cwd, ...writable])];
  const home = homeOf(settings.env);
  const stronger = settings.hidden.filter((path) => roots.some((root) => isInside(root, path)));
  for (const path of [...SYSTEM_HIDDEN, ...stronger]) view.hide(path);
  for (const path of SYSTEM_SHOWN) view.show(path);
  addTemporary(view, { confinement, settings, roots });
  if (home !== null) addHome(view, { home, confinement, settings });
  for (const path of settings.readable) view.show(path);
  for (const own of settings.own) {
    const real = realOrNull(own);
    if (real === null || !roots.some((root) => isInside(root, real))) continue;
    assertOutside(real, roots, settings);
    view.hide(real);
  }
  for (const root of roots) {
    const repository = repositoryRoot(root);
    const isWide = repository === null || (home !== null && isInside(home, repository));
    if (!isWide) view.show(repository);
    for (const folder of linkedGitFolders(repository ?? root)) view.show(folder);
  }
  const { writableGit } = confinement;
  const { own, hidden, nested } = settings;
  protect(view, { roots, writable, writableGit, home, own, hidden, nested });
  if (kindOf(settings.outputs) === 'folder') view.show(settings.outputs);
  return view.rules;
}

function addTemporary(
  view: ViewBuilder,
  of: { confinement: Confinement; settings: ViewSettings; roots: readonly string[] },
): void {
  const home = homeOf(of.settings.env) ?? '/';
  const shown = [...of.roots, ...of.settings.readable, of.settings.outputs, home];
  for (const folder of ['/tmp', '/var/tmp']) {
    const real = realOrNull(folder);
    // A root of the thread that lies in there is as it is. Places for mounts are only made where no command can have put a link.
    if (real === null || of.roots.some((root) => isInside(real, root))) continue;
    if (shown.some((path) => isInside(path, real))) view.add(real, 'scratch');
    else view.add(real, 'write', { source: privatePlace(of, 'tmp') });
  }
}

function addHome(
  view: ViewBuilder,
  of: { home: string; confinement: Confinement; settings: ViewSettings },
): void {
  const { home, settings } = of;
  if (showsMachine(view.rules, home)) view.add(home, 'none');
  view.add(home, 'scratch');
  for (const [path, name] of Object.entries(PRIVATE_CACHES)) {
    view.add(join(home, path), 'write', { source: privatePlace(of, name) });
  }
  const named = TOOL_VARIABLES.flatMap((name) => settings.env[name] ?? []);
  const programs = (settings.env['PATH'] ?? '').split(delimiter);
  const node = dirname(dirname(process.execPath));
  for (const path of [
    ...TOOL_PLACES.map((place) => join(home, place)),
    node,
    ...named,
    ...programs,
  ]) {
    const real = path.startsWith('/') ? realOrNull(path) : null;
    if (real !== null && isInside(real, home) && real !== home) view.show(real);
  }
}

function assertOutside(own: string, roots: readonly string[], settings: ViewSettings): void {
  const worktrees = realOrNull(settings.worktrees);
  const bad = roots.find(
    (root) => isInside(root, own) && (worktrees === null || !isInside(root, worktrees)),
  );
  if (bad === undefined) return;
  throw new UnprotectableError(`${bad} belongs to goald itself: choose the folder of a project.`);
}

function privatePlace(
  { confinement, settings }: { confinement: Confinement; settings: ViewSettings },
  name: string,
): string {
  return join(settings.privateFolder, confinement.owner, name);
}

function homeOf(env: NodeJS.ProcessEnv): string | null {
  const home = env['HOME'];
  const real = !home?.startsWith('/') ? null : realOrNull(home);
  return real === '/' ? null : real;
}

function realOr(path: string): string {
  return realOrNull(path) ?? path;
}
