import type { GoaldClient } from '@goald/client';
import { requests, type ResultOf } from '@goald/protocol';
import type { App } from '../app.js';
import { oneLine } from '../output/text.js';
import { originOf } from './origin.js';

export type Project = ResultOf<typeof requests.folderTrustRead>;

/**
 * Asks, once for each repository that brings something trust is about, whether the user trusts it. Where nobody can be asked it stays
 * untrusted, and stderr says so.
 */
export async function askForTrust(
  app: App,
  client: GoaldClient,
  { cwd, mayAsk }: { readonly cwd: string; readonly mayAsk: boolean },
): Promise<void> {
  const { terminal } = app;
  const project = await client.request(requests.folderTrustRead, { cwd });
  if (project.problem !== null) terminal.writeError(`goal: ${project.problem}\n`);
  if (project.trust !== null || bringsOf(project).length === 0) {
    if (project.trust === 'untrusted') sayUnread(app, project);
    return;
  }
  const canAsk = mayAsk && terminal.canAsk && (terminal.env['CI'] ?? '') === '';
  if (!canAsk) {
    sayUnread(app, project);
    return;
  }
  const answer = await terminal.ask(question(project));
  if (answer === null) return;
  const trust = /^y(es)?$/iu.test(answer.trim()) ? 'trusted' : 'untrusted';
  const origin = originOf(app, client);
  await client.request(requests.folderTrustSet, { path: project.root, trust, origin });
  if (trust === 'untrusted') sayUnread(app, project);
}

function question(project: Project): string {
  return (
    `${oneLine(project.root)} brings ${bringsOf(project).join(' and ')}. ` +
    'Trusted, its settings count: they choose the model and the commands that verify a goal. ' +
    'Do you trust this folder? It is asked once; goal trust --revoke takes it back. [y/N] '
  );
}

function bringsOf({ settingsFile, instructionFiles }: Project): string[] {
  return [
    ...(settingsFile === null ? [] : ['settings (.goald/config.json)']),
    ...(instructionFiles.length === 0 ? [] : ['instructions (AGENTS.md)']),
  ];
}

/** Instructions are given to the model in any case; what is left out are settings. */
function sayUnread({ terminal }: App, { root, settingsFile }: Project): void {
  if (settingsFile === null) return;
  terminal.writeError(
    `goal: ${oneLine(root)} is not trusted: its settings (.goald/config.json) are not read. To trust it: goal trust\n`,
  );
}
