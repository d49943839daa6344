import { ProtocolError, type Config, type SandboxMode, type SandboxPolicy } from '@goald/protocol';
import { definitionOf } from '../../goals/goal-record.js';
import type { GoalRow } from '../../store/repositories/goals.js';
import type { Repositories } from '../../store/repositories/index.js';
import type { ThreadRow } from '../../store/repositories/threads.js';
import { sandboxSettingOf, type SandboxSetting } from '../../threads/sandbox-setting.js';
import type { Confinement, SandboxSupport } from '../ports/confinement.js';
import { goalLayer, resolveConfinement, type ResolvedConfinement } from './resolve-confinement.js';

export interface ConfinementsOptions {
  readonly repositories: Repositories;
  readonly config: () => Config;
  readonly support: SandboxSupport;
  /** Whether the settings of a trusted project allow the network in a folder; null: they say nothing. */
  readonly projectNetwork: (cwd: string) => boolean | null;
}

/** The sandbox of a thread in the words of the wire. */
export interface SandboxView {
  readonly sandbox: SandboxPolicy;
  readonly sandboxNotice: string | null;
}

/** What confines the commands of threads and goals, by what is stored of them now. */
export class Confinements {
  readonly #options: ConfinementsOptions;

  constructor(options: ConfinementsOptions) {
    this.#options = options;
  }

  /** For the commands and tools of a turn; `goalId` null: a turn without a goal. Throws sandbox_unavailable. */
  of(threadId: string, goalId: string | null): Confinement {
    const { repositories } = this.#options;
    const thread = repositories.threads.find(threadId);
    if (thread === undefined) throw new Error(`Thread ${threadId} is gone.`);
    const goal = goalId === null ? undefined : repositories.goals.find(goalId);
    return enforced(this.#resolve(thread, goal));
  }

  /** For a turn that only looks: read-only, or null where this machine cannot enforce that. */
  ofPlanning(threadId: string): Confinement | null {
    const thread = this.#options.repositories.threads.find(threadId);
    if (thread === undefined) throw new Error(`Thread ${threadId} is gone.`);
    const layer = { sandbox: 'read-only', networkAccess: null } as const;
    const resolved = this.#resolveLayers({ ...layersOf(thread), goal: layer });
    return resolved.ok ? resolved.confinement : null;
  }

  /** Why the goal of a thread cannot be confined as was asked, or null. */
  problemOf(thread: ThreadRow, goal: GoalRow | undefined): string | null {
    const resolved = this.#resolve(thread, goal);
    return resolved.ok ? null : refusalText(resolved.mode, resolved.problem);
  }

  /** Throws sandbox_unavailable when this machine cannot enforce a mode, for a thread in that folder. */
  assertEnforceable(mode: SandboxMode, cwd: string): void {
    const thread = { mode, networkAccess: null, writableRoots: [] };
    enforced(this.#resolveLayers({ thread, cwd, threadId: '' }));
  }

  isEnforceable(mode: SandboxMode, cwd: string): boolean {
    const thread = { mode, networkAccess: null, writableRoots: [] };
    return this.#resolveLayers({ thread, cwd, threadId: '' }).ok;
  }

  /** What is in force for a thread and its current goal. */
  view(thread: ThreadRow): SandboxView {
    const goal = this.#options.repositories.goals.current(thread.id);
    const resolved = this.#resolve(thread, goal);
    if (!resolved.ok) {
      // What was asked for when it could be enforced still holds: nothing runs until it can be again.
      const policy = policyOf(resolved.mode, { network: false, writableRoots: [] });
      return { sandbox: policy, sandboxNotice: refusalText(resolved.mode, resolved.problem) };
    }
    const { confinement, fellBack } = resolved;
    return {
      sandbox: policyOf(confinement.mode, {
        network: confinement.network,
        writableRoots: confinement.writableRoots.slice(1),
      }),
      sandboxNotice: fellBack ? freeText(this.#options.support) : null,
    };
  }

  #resolve(thread: ThreadRow, goal: GoalRow | undefined): ResolvedConfinement {
    return this.#resolveLayers({
      ...layersOf(thread),
      ...(goal === undefined ? {} : { goal: definitionOf(goal) }),
    });
  }

  #resolveLayers(of: {
    thread: SandboxSetting | null;
    cwd: string;
    threadId: string;
    goal?: Parameters<typeof goalLayer>[0];
  }): ResolvedConfinement {
    const { config, support, projectNetwork } = this.#options;
    return resolveConfinement({
      ...of,
      projectNetwork: projectNetwork(of.cwd),
      goal: goalLayer(of.goal ?? null),
      config: config().sandbox,
      support,
    });
  }
}

function layersOf(thread: ThreadRow): {
  readonly thread: SandboxSetting | null;
  readonly cwd: string;
  readonly threadId: string;
} {
  return { thread: sandboxSettingOf(thread), cwd: thread.cwd, threadId: thread.id };
}

/** What a daemon says at its start where nothing confines the commands of those who ask for no mode; null where something does. */
export function freeNotice(config: Config['sandbox'], support: SandboxSupport): string | null {
  if (config.mode === 'danger-full-access') return null;
  if (support.problem === null) return null;
  return config.mode === 'auto' ? freeText(support) : refusalText(config.mode, support.problem);
}

function freeText({ problem }: SandboxSupport): string {
  return `Commands run without a sandbox, with your own rights: ${problem ?? 'it was asked for.'}`;
}

function refusalText(mode: SandboxMode, problem: string): string {
  return `The sandbox ${mode} cannot be enforced here, and nothing runs less confined than was asked. ${problem}`;
}

function enforced(resolved: ResolvedConfinement): Confinement {
  if (resolved.ok) return resolved.confinement;
  const { mode, problem } = resolved;
  throw new ProtocolError('sandbox_unavailable', refusalText(mode, problem), { sandbox: mode });
}

function policyOf(
  mode: SandboxMode,
  { network, writableRoots }: { network: boolean; writableRoots: readonly string[] },
): SandboxPolicy {
  switch (mode) {
    case 'danger-full-access':
      return { type: 'dangerFullAccess' };
    case 'read-only':
      return { type: 'readOnly', networkAccess: network };
    case 'workspace-write':
      return {
        type: 'workspaceWrite',
        writableRoots: [...writableRoots],
        networkAccess: network,
        excludeTmpdirEnvVar: true,
        excludeSlashTmp: true,
      };
  }
}
