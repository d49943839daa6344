import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { GoaldClient } from '@goald/client';
import { IMPORT_PAGE_ROWS, type ImportedThread, requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CommandError } from '../failures.js';
import { plural, shortId } from '../output/format.js';
import { oneLine } from '../output/text.js';
import { type RunCommand } from './shared.js';

interface ImportFlags {
  readonly cwd?: string;
  readonly json?: true;
}

/** Well under what one message may have. */
const PAGE_BYTES = 4 * 1024 * 1024;

export function registerImport(program: Command, app: App, run: RunCommand): void {
  program
    .command('import')
    .summary('read threads back that goal export wrote')
    .description(
      'Reads all of the file or nothing. Goals that were active come in paused; ids that are taken here are made anew.',
    )
    .argument('<file>', 'what goal export wrote')
    .option('--cwd <dir>', 'folder of the threads here, in the place of theirs')
    .option('--json', 'print as JSON')
    .action(async (file: string, _flags: unknown, command: Command) => {
      await run(() => importFile(app, command.optsWithGlobals<ImportFlags & GlobalFlags>(), file));
    });
}

async function importFile(
  app: App,
  flags: ImportFlags & GlobalFlags,
  file: string,
): Promise<ExitCode> {
  const { terminal } = app;
  const cwd = flags.cwd === undefined ? null : resolve(terminal.cwd, flags.cwd);
  const path = resolve(terminal.cwd, file);
  await using client = await openClient(app, flags, { start: true });
  const threads = await send(client, path, cwd);
  await terminal.write(
    flags.json === true
      ? `${JSON.stringify({ threads })}\n`
      : threads.map((thread) => threadLine(thread)).join(''),
  );
  return EXIT.complete;
}

/** Sends the file page by page; the last page makes everything. */
async function send(
  client: GoaldClient,
  path: string,
  cwd: string | null,
): Promise<readonly ImportedThread[]> {
  const importId = crypto.randomUUID();
  let rows: unknown[] = [];
  let bytes = 0;
  let firstLine = 1;
  const flush = async (isLast: boolean): Promise<readonly ImportedThread[]> => {
    const page = { importId, firstLine, rows, isLast, cwd };
    const { threads } = await client.request(requests.threadImport, page);
    firstLine += rows.length;
    rows = [];
    bytes = 0;
    return threads;
  };
  for await (const row of rowsOf(path)) {
    rows.push(row.value);
    bytes += row.bytes;
    if (rows.length >= IMPORT_PAGE_ROWS || bytes >= PAGE_BYTES) await flush(false);
  }
  return flush(true);
}

async function* rowsOf(path: string): AsyncGenerator<{ value: unknown; bytes: number }> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    try {
      yield { value: JSON.parse(text), bytes: text.length };
    } catch {
      throw new CommandError(
        `${path}, line ${String(line)}: this is not a line of JSON. Nothing was imported.`,
      );
    }
  }
}

function threadLine({ threadId, cwd, cwdExists, goalIds }: ImportedThread): string {
  const missing = cwdExists ? '' : ' (that folder is not here: import again with --cwd DIR)';
  const goals = goalIds.length === 0 ? 'no goal' : plural(goalIds.length, 'goal');
  return `Imported ${shortId(threadId)} with ${goals}, in ${oneLine(cwd)}${missing}\n`;
}
