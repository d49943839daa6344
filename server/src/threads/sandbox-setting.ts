import {
  ProtocolError,
  type AskedSandboxPolicy,
  type PermissionProfileId,
  type SandboxMode,
} from '@goald/protocol';

/** What a client asked of the sandbox of a thread. */
export interface SandboxSetting {
  readonly mode: SandboxMode;
  /** null: as the project says, else the configuration. */
  readonly networkAccess: boolean | null;
  /** Absolute; beside the thread's folder. */
  readonly writableRoots: readonly string[];
  /** The name it was asked for by. */
  readonly profile?: PermissionProfileId;
}

/** What clients ask of a sandbox, one way or another. */
export interface AskedSandbox {
  readonly sandbox?: SandboxMode | null | undefined;
  /** The same with network and folders. */
  readonly sandboxPolicy?: AskedSandboxPolicy | null | undefined;
  /** The same by name. */
  readonly permissions?: PermissionProfileId | null | undefined;
}

const MODES: Readonly<Record<PermissionProfileId, SandboxMode>> = {
  ':read-only': 'read-only',
  ':workspace': 'workspace-write',
  ':danger-full-access': 'danger-full-access',
};

/** What a named sandbox is. */
export function modeOfProfile(profile: PermissionProfileId): SandboxMode {
  return MODES[profile];
}

/** The setting that is asked for; null where nothing is. Throws sandbox_unavailable. */
export function askedSetting({
  sandbox,
  sandboxPolicy,
  permissions,
}: AskedSandbox): SandboxSetting | null {
  if (sandboxPolicy != null) {
    const setting = settingOfPolicy(sandboxPolicy);
    if (setting === null) throw externalSandboxError();
    return setting;
  }
  if (permissions != null) {
    return { ...settingOfMode(modeOfProfile(permissions)), profile: permissions };
  }
  return sandbox == null ? null : settingOfMode(sandbox);
}

/** The named sandbox that a thread was given. */
export function activeProfile(row: {
  readonly sandbox_json: string | null;
}): { id: PermissionProfileId; extends: null } | null {
  const id = sandboxSettingOf(row)?.profile;
  return id === undefined ? null : { id, extends: null };
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
function externalSandboxError(): ProtocolError {
  return new ProtocolError(
    'sandbox_unavailable',
    'goald cannot see whether something outside confines it: ask for danger-full-access where a container does.',
    { sandbox: 'externalSandbox' },
  );
}
