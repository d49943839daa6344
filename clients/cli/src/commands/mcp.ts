import type { Command } from 'commander';
import { requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { mcpListText } from '../output/mcp-text.js';
import type { RunCommand } from './shared.js';

interface ListFlags {
  readonly json?: true;
  readonly thread?: string;
}

export function registerMcp(program: Command, app: App, run: RunCommand): void {
  const mcp = program.command('mcp').summary('the MCP servers whose tools the agent has');
  mcp
    .command('list', { isDefault: true })
    .summary('every server: whether it is there, and what it offers')
    .description(
      'Starts the servers that do not run and waits for them. Exit code 1 when one that is enabled is not there.',
    )
    .option('--json', 'print a JSON object a line')
    .option('--thread <id>', 'those that the turns of this thread have, its own among them')
    .action(async (_flags: unknown, command: Command) => {
      await run(() => list(app, command.optsWithGlobals<ListFlags & GlobalFlags>()));
    });
  mcp
    .command('restart')
    .summary('start every server anew, also those that were given up')
    .action(async (_flags: unknown, command: Command) => {
      await run(async () => {
        const flags = command.optsWithGlobals<GlobalFlags>();
        {
          await using client = await openClient(app, flags, { start: true });
          await client.request(requests.configMcpServerReload, {});
        }
        return list(app, flags);
      });
    });
}

async function list(app: App, flags: ListFlags & GlobalFlags): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: true });
  const { data } = await client.request(requests.mcpServerStatusList, {
    detail: 'toolsAndAuthOnly',
    threadId: flags.thread ?? null,
  });
  await terminal.write(
    flags.json === true
      ? data.map((one) => `${JSON.stringify(one)}\n`).join('')
      : mcpListText(data, terminal.paint),
  );
  const isThere = data.every(
    ({ runtimeStatus }) => runtimeStatus === 'connected' || runtimeStatus === 'disabled',
  );
  return isThere ? EXIT.complete : EXIT.failure;
}
