import type { Goal, SandboxMode, SandboxPolicy } from '@goald/protocol';

const MODES: Readonly<Record<SandboxPolicy['type'], SandboxMode>> = {
  readOnly: 'read-only',
  workspaceWrite: 'workspace-write',
  dangerFullAccess: 'danger-full-access',
};

/** One line that says what confines the commands of a goal. */
export function sandboxLine(
  { sandbox, sandboxNotice }: { sandbox: SandboxPolicy; sandboxNotice: string | null },
  goal: Goal,
): string {
  if (goal.sandbox === null && sandboxNotice !== null) return `! ${sandboxNotice}`;
  const mode = goal.sandbox ?? MODES[sandbox.type];
  if (mode === 'danger-full-access') return '! No sandbox: commands run with your own rights.';
  const ofThread = sandbox.type === 'dangerFullAccess' ? false : sandbox.networkAccess;
  const network = goal.networkAccess ?? ofThread;
  return `sandbox: ${mode}, ${network ? 'with' : 'without'} network`;
}
