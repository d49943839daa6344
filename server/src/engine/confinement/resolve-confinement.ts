import type { Config, SandboxMode } from '@goald/protocol';
import type { SandboxSetting } from '../../threads/sandbox-setting.js';
import { unconfined, type Confinement, type SandboxSupport } from '../ports/confinement.js';

/** Everything that has a say, the strongest first: goal, thread (and what turn/start set there), the settings of a trusted project, configuration. */
export interface ConfinementLayers {
  readonly goal: { readonly sandbox: SandboxMode | null; readonly networkAccess: boolean | null };
  readonly thread: SandboxSetting | null;
  /** Whether the project allows the network; null: it is not trusted, or says nothing. */
  readonly projectNetwork: boolean | null;
  readonly config: Config['sandbox'];
  readonly support: SandboxSupport;
  readonly threadId: string;
  /** Absolute folder of the thread. */
  readonly cwd: string;
}

export type ResolvedConfinement =
  | {
      readonly ok: true;
      readonly confinement: Confinement;
      /** Nobody asked for a mode, and this machine can enforce none: commands run freely. */
      readonly fellBack: boolean;
    }
  /** A mode was asked for that cannot be enforced here. */
  | { readonly ok: false; readonly mode: SandboxMode; readonly problem: string };

const NO_GOAL = { sandbox: null, networkAccess: null } as const;
export type GoalLayer = ConfinementLayers['goal'];

/** The layer of a goal, or of none. */
export function goalLayer(definition: GoalLayer | null): GoalLayer {
  return definition ?? NO_GOAL;
}

/** What confines the commands of a thread now. Whoever asked for a mode gets it, or is told why not; nobody gets less. */
export function resolveConfinement(layers: ConfinementLayers): ResolvedConfinement {
  const { goal, thread, projectNetwork, config, support, threadId, cwd } = layers;
  const asked = goal.sandbox ?? thread?.mode ?? (config.mode === 'auto' ? null : config.mode);
  const mode = asked ?? (support.problem === null ? 'workspace-write' : 'danger-full-access');
  if (mode === 'danger-full-access') {
    const confinement = unconfined(cwd, threadId);
    return { ok: true, confinement, fellBack: asked === null };
  }
  const problem = support.problem ?? folderProblem(cwd);
  if (problem !== null) return { ok: false, mode, problem };
  const writableRoots =
    mode === 'read-only'
      ? []
      : [...new Set([cwd, ...(thread?.writableRoots ?? []), ...config.writableRoots])];
  return {
    ok: true,
    fellBack: false,
    confinement: {
      mode,
      network: goal.networkAccess ?? thread?.networkAccess ?? projectNetwork ?? config.network,
      writableRoots,
      writableGit: mode === 'workspace-write' && config.writableGit,
      cwd,
      owner: threadId,
    },
  };
}

/** Folders that nothing could be kept out of. */
function folderProblem(cwd: string): string | null {
  return /^\/(?:(?:proc|sys|dev|run)(?:\/|$)|$)/.test(cwd)
    ? `A sandbox cannot confine commands to the folder ${cwd}: choose the folder of a project.`
    : null;
}
