import {
  ProtocolError,
  type Config,
  type FolderTrust,
  type ProjectSettings,
  type VerificationInput,
} from '@goald/protocol';
import { ConfigError } from '../config/jsonc-file.js';
import type { Actor, MutationContext, Mutations } from '../store/mutation.js';
import type { FolderTrustRow } from '../store/repositories/folder-trust.js';
import type { Repositories } from '../store/repositories/index.js';
import { checkedFolder, projectRoot } from './project-root.js';
import { readSettings, settingsPath, settingsStamp } from './settings-file.js';
import { tightened, withoutEffect } from './tighten.js';

export interface ProjectsOptions {
  readonly repositories: Repositories;
  readonly mutations: Mutations;
  /** Of the user's configuration. */
  readonly limits: () => Config['limits'];
}

/** A folder's repository, and what the user said of it. */
export interface ProjectState {
  readonly root: string;
  /** null: the user was not asked yet. */
  readonly trust: FolderTrust | null;
  readonly decidedAtMs: number | null;
  /** Absolute path of the settings file, whether it is read or not; null where there is none. */
  readonly settingsFile: string | null;
  /** null where there are none, the folder is not trusted, or they cannot be used. */
  readonly settings: ProjectSettings | null;
  readonly problem: string | null;
  /** Settings that change nothing, because the user's own are tighter. */
  readonly withoutEffect: readonly string[];
}

interface Loaded {
  readonly stamp: string | null;
  /** The newest that could be used while this daemon runs. */
  readonly settings: ProjectSettings | null;
  readonly problem: string | null;
}

interface KnownRoot {
  readonly root: string;
  readonly untilMs: number;
}

/** A repository does not move often; looking for its root costs more than all else of a small request. */
const ROOT_KEPT_MS = 1000;
const MOST_ROOTS = 1000;

/**
 * Which folders the user trusts, and what their own settings say. The settings file is looked at whenever it is asked for, so a change
 * counts with the next use. In a folder that is not trusted it is never opened.
 */
export class Projects {
  readonly #options: ProjectsOptions;
  readonly #roots = new Map<string, KnownRoot>();
  readonly #loaded = new Map<string, Loaded>();

  constructor(options: ProjectsOptions) {
    this.#options = options;
  }

  state(cwd: string): ProjectState {
    const root = projectRoot(cwd);
    const row = this.#row(root);
    const loaded = row?.level === 'trusted' ? this.#load(root) : null;
    const present = settingsStamp(root) !== null;
    return {
      root,
      trust: row?.level ?? null,
      decidedAtMs: row?.decided_at_ms ?? null,
      settingsFile: present ? settingsPath(root) : null,
      settings: loaded?.problem === null ? loaded.settings : null,
      problem: loaded?.problem ?? null,
      withoutEffect: withoutEffect(this.#options.limits(), loaded?.settings?.limits),
    };
  }

  list(): FolderTrustRow[] {
    return this.#options.repositories.folderTrust.list();
  }

  /** Stores what the user says of the folder's repository; null takes an answer back. Throws policy_refused and invalid_params. */
  decide(path: string, trust: FolderTrust | null, context: MutationContext): string {
    if (trust === 'trusted') assertUser(context.actor);
    const root = this.rootFor(path, trust);
    this.#options.mutations.run(context, (tx) => {
      this.decideIn(tx.nowMs, root, trust, context.actor);
      return {};
    });
    return root;
  }

  /** The root that an answer about a folder is stored under. Throws invalid_params. */
  rootFor(path: string, trust: FolderTrust | null): string {
    return trust === null ? projectRoot(path) : projectRoot(checkedFolder(path));
  }

  /** The same for a root inside a transaction that does more. */
  decideIn(nowMs: number, root: string, trust: FolderTrust | null, actor: Actor): void {
    if (trust === 'trusted') assertUser(actor);
    const { folderTrust } = this.#options.repositories;
    if (trust === null) folderTrust.remove(root);
    else {
      const actor_json = JSON.stringify(actor);
      folderTrust.put({ root, level: trust, decided_at_ms: nowMs, actor_json });
    }
  }

  trusts(cwd: string): boolean {
    return this.#trustedRoot(cwd) !== null;
  }

  /** The limits of goals in this folder. */
  limits(cwd: string): Config['limits'] {
    return tightened(this.#options.limits(), this.#settings(cwd)?.settings?.limits);
  }

  /** Model of threads in this folder that name none; null: as the configuration says. */
  model(cwd: string): string | null {
    return this.#settings(cwd)?.settings?.model?.name ?? null;
  }

  /**
   * Whether commands in this folder may use the network, as its settings say; null: they say nothing. While they cannot be used they
   * allow nothing, and what they took away stays away.
   */
  network(cwd: string): boolean | null {
    const loaded = this.#settings(cwd);
    const network = loaded?.settings?.sandbox?.network ?? null;
    return network === true && loaded?.problem !== null ? null : network;
  }

  /** Commands for new goals that name none. Throws policy_refused while the settings cannot be used: what they limit would not be limited. */
  verification(cwd: string): readonly VerificationInput[] {
    const loaded = this.#settings(cwd);
    if (loaded === null) return [];
    if (loaded.problem === null) return loaded.settings?.verification ?? [];
    throw new ProtocolError(
      'policy_refused',
      `${loaded.problem}\nMend the settings, or take the trust back: goal trust --revoke`,
      { folder: cwd },
    );
  }

  #settings(cwd: string): Loaded | null {
    const root = this.#trustedRoot(cwd);
    return root === null ? null : this.#load(root);
  }

  #trustedRoot(cwd: string): string | null {
    if (this.#options.repositories.folderTrust.list().length === 0) return null;
    const root = this.#root(cwd);
    return this.#row(root)?.level === 'trusted' ? root : null;
  }

  #row(root: string): FolderTrustRow | undefined {
    return this.#options.repositories.folderTrust.find(root);
  }

  #root(cwd: string): string {
    const nowMs = performance.now();
    const known = this.#roots.get(cwd);
    if (known !== undefined && nowMs < known.untilMs) return known.root;
    const root = projectRoot(cwd);
    if (this.#roots.size >= MOST_ROOTS) this.#roots.clear();
    this.#roots.set(cwd, { root, untilMs: nowMs + ROOT_KEPT_MS });
    return root;
  }

  #load(root: string): Loaded {
    const before = this.#loaded.get(root);
    const stamp = settingsStamp(root);
    if (before?.stamp === stamp) return before;
    const loaded = this.#read(root, stamp, before?.settings ?? null);
    this.#loaded.set(root, loaded);
    return loaded;
  }

  #read(root: string, stamp: string | null, before: ProjectSettings | null): Loaded {
    if (stamp === null) return { stamp, settings: null, problem: null };
    try {
      return { stamp, settings: readSettings(root), problem: null };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return { stamp, settings: before, problem: error.message };
    }
  }
}

function assertUser(actor: Actor): void {
  if (actor.kind === 'user') return;
  throw new ProtocolError(
    'policy_refused',
    'Only a user may trust a folder. An automatic origin may take trust back.',
  );
}
