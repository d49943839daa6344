import type { Command } from 'commander';
import type { GoaldClient } from '@goald/client';
import { requests } from '@goald/protocol';
import path from 'node:path';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { UsageError } from '../failures.js';
import { existingFolder } from '../goals/existing-folder.js';
import { originOf } from '../goals/origin.js';
import { trustListText, trustText } from '../output/trust-text.js';
import type { RunCommand } from './shared.js';

interface TrustFlags {
  readonly revoke?: true;
  readonly list?: true;
  readonly json?: true;
}

export function registerTrust(program: Command, app: App, run: RunCommand): void {
  program
    .command('trust')
    .summary('trust a repository: its own settings count from then on')
    .description(
      'Trusts the repository of a folder, so that its .goald/config.json is read: model, verification commands, lower limits. ' +
        'The answer is kept under the real path of the repository’s root, and holds for every client.',
    )
    .argument('[dir]', 'folder in the repository (default: this one)')
    .option(
      '--revoke',
      'take the answer back: nothing of the folder is read, and it is asked again',
    )
    .option('--list', 'every folder that was asked about')
    .option('--json', 'print as JSON')
    .action(async (folder: string | undefined, _flags: unknown, command: Command) => {
      await run(() => trust(app, command.optsWithGlobals<TrustFlags & GlobalFlags>(), folder));
    });
}

async function trust(
  app: App,
  flags: TrustFlags & GlobalFlags,
  folder: string | undefined,
): Promise<ExitCode> {
  if (flags.list === true && (flags.revoke === true || folder !== undefined)) {
    throw new UsageError('--list shows every folder: leave out the folder and --revoke.');
  }
  const { terminal } = app;
  // A folder that is gone can still be taken back.
  const chosen =
    flags.revoke === true
      ? path.resolve(terminal.cwd, folder ?? '.')
      : existingFolder(terminal.cwd, folder ?? '.');
  await using client = await openClient(app, flags, { start: true });
  if (flags.list === true) return await list(app, client, flags.json === true);
  const { root } = await client.request(requests.folderTrustSet, {
    path: chosen,
    trust: flags.revoke === true ? null : 'trusted',
    origin: originOf(app, client),
  });
  const project = await client.request(requests.folderTrustRead, { cwd: root });
  await terminal.write(
    flags.json === true ? `${JSON.stringify(project)}\n` : trustText(project, terminal.paint),
  );
  return project.problem === null ? EXIT.complete : EXIT.failure;
}

async function list(app: App, client: GoaldClient, json: boolean): Promise<ExitCode> {
  const { terminal } = app;
  const { data } = await client.request(requests.folderTrustList, {});
  await terminal.write(
    json
      ? data.map((one) => `${JSON.stringify(one)}\n`).join('')
      : trustListText(data, terminal.paint, Date.now()),
  );
  return EXIT.complete;
}
