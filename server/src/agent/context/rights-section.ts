import type { ApprovalPolicy } from '@goald/protocol';
import type { Confinement } from '../../engine/ports/confinement.js';
import type { Rights } from '../../engine/ports/context.js';

const MOST_ROOTS = 12;

const APPROVALS: Readonly<Record<ApprovalPolicy, string>> = {
  never: 'Nobody is asked for leave: what is refused stays refused.',
  'on-request':
    'The user may be asked before a risky command, and whether a command the sandbox stopped may run again without it.',
  untrusted:
    'The user is asked before every change of files and every command that is not known to only look: keep them few and plain.',
};

const WHEN_REFUSED =
  'When something is refused (read-only file system, permission denied, no network), do not look for a way round it. Do what can be done within these limits; if the task needs more, raise a blocker that names the command and what it lacks.';

/** Tells the model what its commands and patches may do. The same rights give the same bytes. */
export function rightsSection({ confinement, approvals }: Rights): string {
  const may =
    confinement === null
      ? ['The sandbox that was asked for cannot be had on this machine, so no command is run.']
      : confinementLines(confinement);
  return ['# What you may do', '', ...may, APPROVALS[approvals], WHEN_REFUSED].join('\n');
}

function confinementLines(confinement: Confinement): string[] {
  const { mode, network, writableGit } = confinement;
  if (mode === 'danger-full-access') {
    return ['No sandbox (danger-full-access): commands run with the rights of the user.'];
  }
  const writes =
    mode === 'read-only'
      ? 'Sandbox: read-only. No file can be changed but temporary ones (TMPDIR), which are private to this thread.'
      : `Sandbox: workspace-write. Files can be changed ${placesOf(confinement)} and in a private TMPDIR. ${
          writableGit ? '' : 'Not their .git and .goald: nothing can be committed. '
        }The rest is read-only, most of the home hidden.`;
  const reach = network
    ? 'Commands may use the network.'
    : 'No network: each command has a loopback of its own, so start a server and use it in the same command.';
  return [writes, reach];
}

function placesOf({ cwd, writableRoots }: Confinement): string {
  const others = writableRoots.filter((root) => root !== cwd);
  const shown = others.slice(0, MOST_ROOTS).join(', ');
  const more = others.length - MOST_ROOTS;
  if (shown === '') return 'in the folder';
  return `in the folder, in ${shown}${more > 0 ? ` and ${String(more)} more` : ''}`;
}
