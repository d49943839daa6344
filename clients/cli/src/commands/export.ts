import type { Command } from 'commander';
import type { GoaldClient } from '@goald/client';
import { requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { pickGoal } from '../goals/pick-goal.js';
import { type RunCommand, THREAD_HELP } from './shared.js';

interface ExportFlags {
  readonly all?: true;
}

const PAGE = 200;

export function registerExport(program: Command, app: App, run: RunCommand): void {
  program
    .command('export')
    .summary('write a thread to stdout, a JSON object a line')
    .description(
      'Writes a thread with its goals, turns, items and charges: goal export > file.jsonl. A turn in flight is left out.',
    )
    .argument('[thread]', THREAD_HELP)
    .option('--all', 'all threads, archived ones too')
    .action(async (ref: string | undefined, _flags: unknown, command: Command) => {
      await run(() =>
        exportThreads(app, command.optsWithGlobals<ExportFlags & GlobalFlags>(), ref),
      );
    });
}

async function exportThreads(
  app: App,
  flags: ExportFlags & GlobalFlags,
  ref: string | undefined,
): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: true });
  if (flags.all !== true) {
    const { threadId } = await pickGoal(client, { ref, cwd: terminal.cwd, complete: 'too' });
    await writeThread(app, client, threadId);
    return EXIT.complete;
  }
  for (const archived of [false, true]) {
    let cursor: string | null = null;
    do {
      const page: { data: readonly { id: string }[]; nextCursor: string | null } =
        await client.request(requests.threadList, {
          archived,
          cursor,
          limit: PAGE,
          sortKey: 'created_at',
        });
      for (const { id } of page.data) await writeThread(app, client, id);
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
  return EXIT.complete;
}

async function writeThread(app: App, client: GoaldClient, threadId: string): Promise<void> {
  let cursor: string | null = null;
  do {
    const page: { rows: readonly unknown[]; nextCursor: string | null } = await client.request(
      requests.threadExport,
      { threadId, cursor },
    );
    await app.terminal.write(page.rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    cursor = page.nextCursor;
  } while (cursor !== null);
}
