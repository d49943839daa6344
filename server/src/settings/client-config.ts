import { createHash } from 'node:crypto';
import {
  ProtocolError,
  type Config,
  type ConfigEdit,
  type configRead,
  type FolderTrust,
  type ResultOf,
} from '@goald/protocol';
import type { Projects } from '../projects/projects.js';
import type { MutationContext, Mutations } from '../store/mutation.js';
import { readTrustEdit, type TrustEdits } from './trust-edits.js';

export interface ClientConfigOptions {
  readonly config: () => Config;
  readonly projects: Projects;
  readonly mutations: Mutations;
  readonly provider: () => string;
  /** Absolute path of the configuration file. */
  readonly configFile: string;
  /** Absolute path of the database, which has what clients write. */
  readonly database: string;
}

export interface ConfigWrite {
  readonly edits: readonly ConfigEdit[];
  readonly filePath?: string | null | undefined;
  readonly expectedVersion?: string | null | undefined;
}

type ConfigView = ResultOf<typeof configRead>;
type ProjectsView = Record<string, { trust_level: FolderTrust }>;

/** Keys that clients of the dialect look for, and that goald's configuration has nothing for. */
const NOT_HERE = [
  'review_model',
  'model_auto_compact_token_limit',
  'model_auto_compact_token_limit_scope',
  'approvals_reviewer',
  'sandbox_workspace_write',
  'forced_chatgpt_workspace_id',
  'forced_login_method',
  'web_search',
  'client_search_provider',
  'tools',
  'instructions',
  'developer_instructions',
  'compact_prompt',
  'model_reasoning_summary',
  'model_verbosity',
  'analytics',
  'apps',
  'browser_use',
  'computer_use',
  'desktop',
] as const;

/** The configuration in the words of the dialect. What clients may write of it is whom the user trusts. */
export class ClientConfig {
  readonly #options: ClientConfigOptions;

  constructor(options: ClientConfigOptions) {
    this.#options = options;
  }

  read({ includeLayers, cwd }: { includeLayers: boolean; cwd: string | null }): ConfigView {
    const { configFile, projects } = this.#options;
    const trusted = this.#projects();
    const version = versionOf(trusted);
    const name = { type: 'user' as const, file: configFile, profile: null };
    const stored = this.#stored(trusted);
    const trust = cwd === null ? null : projects.state(cwd).trust;
    const named: ProjectsView =
      cwd === null || trust === null ? {} : { [cwd]: { trust_level: trust } };
    return {
      config: {
        ...Object.fromEntries(NOT_HERE.map((key) => [key, null])),
        ...stored,
        projects: { ...trusted, ...named },
      },
      origins: Object.fromEntries(
        Object.keys(trusted).map((root) => [`projects.${root}.trust_level`, { name, version }]),
      ),
      layers: includeLayers ? [{ name, version, config: stored, disabledReason: null }] : null,
    };
  }

  /** Writes all of the edits or none. Throws policy_refused, revision_conflict and invalid_params. */
  write(write: ConfigWrite, context: MutationContext): { version: string; filePath: string } {
    const { configFile, database, mutations, projects } = this.#options;
    const { filePath } = write;
    if (filePath != null && filePath !== configFile && filePath !== database) {
      throw new ProtocolError(
        'policy_refused',
        `goald writes no file for its clients, and ${filePath} is not its configuration, ${configFile}.`,
        { filePath: configFile },
      );
    }
    const changes = write.edits.map((edit) => readTrustEdit(edit, configFile));
    return mutations.run(context, (tx) => {
      this.#assertVersion(write.expectedVersion);
      for (const { root, trust } of this.#decided(changes)) {
        projects.decideIn(tx.nowMs, root, trust, context.actor);
      }
      return { version: versionOf(this.#projects()), filePath: database };
    });
  }

  /** What the edits come to, in order. */
  #decided(changes: readonly TrustEdits[]): { root: string; trust: FolderTrust | null }[] {
    const { projects } = this.#options;
    return changes.flatMap(({ replaceAll, edits }) => [
      ...(replaceAll ? projects.list().map(({ root }) => ({ root, trust: null })) : []),
      ...edits.map(({ path, trust }) => ({ root: projects.rootFor(path, trust), trust })),
    ]);
  }

  #assertVersion(expected: string | null | undefined): void {
    const version = versionOf(this.#projects());
    if (expected == null || expected === version) return;
    throw new ProtocolError(
      'revision_conflict',
      'The configuration has changed in the meantime: read it again.',
      { version },
    );
  }

  #projects(): ProjectsView {
    return Object.fromEntries(
      this.#options.projects.list().map(({ root, level }) => [root, { trust_level: level }]),
    );
  }

  #stored(projects: ProjectsView): ConfigView['config'] {
    const { model, fastMode, features } = this.#options.config();
    return {
      model: model.name,
      model_provider: this.#options.provider(),
      model_context_window: model.contextWindow,
      model_reasoning_effort: model.reasoningEffort ?? null,
      approval_policy: null,
      sandbox_mode: null,
      service_tier: fastMode.enabled ? 'priority' : null,
      features: { goals: features.goals },
      projects,
    };
  }
}

function versionOf(projects: ProjectsView): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(projects)).digest('hex')}`;
}
