import { configSchema } from '@goald/protocol';
import {
  goalLayer,
  resolveConfinement,
  type ConfinementLayers,
} from '@goald/server/engine/confinement/resolve-confinement.js';
import { settingOfMode, settingOfPolicy } from '@goald/server/threads/sandbox-setting.js';
import { describe, expect, it } from 'vitest';

const CWD = '/home/ada/project';
const ABLE = { problem: null };
const UNABLE = { problem: 'Install bubblewrap.' };

function resolve(layers: Partial<ConfinementLayers> & { sandbox?: object } = {}) {
  const { sandbox, ...rest } = layers;
  return resolveConfinement({
    goal: goalLayer(null),
    thread: null,
    projectNetwork: null,
    config: configSchema.parse({ sandbox: sandbox ?? {} }).sandbox,
    support: ABLE,
    threadId: 'thread',
    cwd: CWD,
    ...rest,
  });
}

describe('the mode', () => {
  it('is workspace-write without a network where nobody asked and the machine can enforce it', () => {
    expect(resolve()).toEqual({
      ok: true,
      fellBack: false,
      confinement: {
        mode: 'workspace-write',
        network: false,
        writableRoots: [CWD],
        writableGit: false,
        cwd: CWD,
        owner: 'thread',
      },
    });
  });

  it('is danger-full-access where nobody asked and the machine can enforce nothing, and says so', () => {
    expect(resolve({ support: UNABLE })).toMatchObject({
      ok: true,
      fellBack: true,
      confinement: { mode: 'danger-full-access', network: true },
    });
  });

  it.each(['goal', 'thread', 'configuration'])(
    'that a %s asked for is refused where it cannot be enforced, never loosened',
    (who) => {
      const layers =
        who === 'goal'
          ? { goal: { sandbox: 'read-only', networkAccess: null } as const }
          : who === 'thread'
            ? { thread: settingOfMode('read-only') }
            : { sandbox: { mode: 'read-only' } };
      expect(resolve({ ...layers, support: UNABLE })).toEqual({
        ok: false,
        mode: 'read-only',
        problem: UNABLE.problem,
      });
    },
  );

  it('is what the goal says, else what the thread says, else what the configuration says', () => {
    const goal = { sandbox: 'read-only', networkAccess: null } as const;
    const thread = settingOfMode('danger-full-access');
    const sandbox = { mode: 'workspace-write' };
    const mode = (layers: Parameters<typeof resolve>[0]) => {
      const resolved = resolve(layers);
      return resolved.ok ? resolved.confinement.mode : null;
    };
    expect(mode({ goal, thread, sandbox })).toBe('read-only');
    expect(mode({ thread, sandbox })).toBe('danger-full-access');
    expect(mode({ sandbox })).toBe('workspace-write');
  });

  it('danger-full-access that was asked for is no fallback', () => {
    const thread = settingOfMode('danger-full-access');
    expect(resolve({ thread, support: UNABLE })).toMatchObject({ ok: true, fellBack: false });
  });

  it.each(['/', '/proc', '/dev/shm', '/sys/kernel', '/run/user/1000'])(
    'that confines is refused for the folder %s, which nothing could be kept out of',
    (cwd) => {
      expect(resolve({ cwd })).toMatchObject({ ok: false });
    },
  );
});

describe('what it allows', () => {
  it('the network of the goal wins over that of the thread, that over the project, that over the configuration', () => {
    const network = (layers: Parameters<typeof resolve>[0]) => {
      const resolved = resolve(layers);
      return resolved.ok ? resolved.confinement.network : null;
    };
    const thread = settingOfPolicy({ type: 'workspaceWrite', networkAccess: false });
    expect(network({ sandbox: { network: true } })).toBe(true);
    expect(network({ sandbox: { network: true }, projectNetwork: false })).toBe(false);
    expect(network({ sandbox: { network: false }, projectNetwork: true })).toBe(true);
    expect(network({ projectNetwork: true, thread })).toBe(false);
    expect(network({ projectNetwork: true, thread: settingOfMode('read-only') })).toBe(true);
    const no = { sandbox: null, networkAccess: false };
    expect(network({ projectNetwork: true, goal: no })).toBe(false);
    expect(network({ sandbox: { network: true }, thread })).toBe(false);
    expect(network({ thread, goal: { sandbox: null, networkAccess: true } })).toBe(true);
  });

  it('roots of thread and configuration may be written beside the folder, in workspace-write only', () => {
    const thread = settingOfPolicy({ type: 'workspaceWrite', writableRoots: ['/srv/a', CWD] });
    const sandbox = { writableRoots: ['/srv/b', '/srv/a'], writableGit: true };
    expect(resolve({ thread, sandbox })).toMatchObject({
      confinement: { writableRoots: [CWD, '/srv/a', '/srv/b'], writableGit: true },
    });
    const goal = { sandbox: 'read-only', networkAccess: null } as const;
    expect(resolve({ thread, sandbox, goal })).toMatchObject({
      confinement: { mode: 'read-only', writableRoots: [], writableGit: false },
    });
  });

  it('nobody here can keep what an outer sandbox is said to do', () => {
    expect(settingOfPolicy({ type: 'externalSandbox' })).toBeNull();
  });
});
