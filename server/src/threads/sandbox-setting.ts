import { ProtocolError, type AskedSandboxPolicy, type SandboxMode } from '@goald/protocol';

/** What a client asked of the sandbox of a thread. */
export interface SandboxSetting {
  readonly mode: SandboxMode;
  /** null: as the project says, else the configuration. */
  readonly networkAccess: boolean | null;
  /** Absolute; beside the thread's folder. */
  readonly writableRoots: readonly string[];
}

export function settingOfMode(mode: SandboxMode): SandboxSetting {
  return { mode, networkAccess: null, writableRoots: [] };
}

/** null for a policy that nobody here can keep. */
export function settingOfPolicy(policy: AskedSandboxPolicy): SandboxSetting | null {
  switch (policy.type) {
    case 'dangerFullAccess':
      return settingOfMode('danger-full-access');
    case 'readOnly':
      return { ...settingOfMode('read-only'), networkAccess: policy.networkAccess ?? null };
    case 'workspaceWrite':
      return {
        mode: 'workspace-write',
        networkAccess: policy.networkAccess ?? null,
        writableRoots: policy.writableRoots ?? [],
      };
    case 'externalSandbox':
      return null;
  }
}

/** The setting of a thread; null where nobody asked for one. */
export function sandboxSettingOf(row: {
  readonly sandbox_json: string | null;
}): SandboxSetting | null {
  return row.sandbox_json === null ? null : (JSON.parse(row.sandbox_json) as SandboxSetting);
}

/** The answer to whoever says that something outside confines goald. */
export function externalSandboxError(): ProtocolError {
  return new ProtocolError(
    'sandbox_unavailable',
    'goald cannot see whether something outside confines it: ask for danger-full-access where a container does.',
    { sandbox: 'externalSandbox' },
  );
}
