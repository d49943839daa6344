import { Readable, Writable } from 'node:stream';
import type { Command } from 'commander';
import type { App, GlobalFlags } from '../app.js';
import type { ExitCode } from '../exit-codes.js';
import type { RunCommand } from './shared.js';

export function registerAcp(program: Command, app: App, run: RunCommand): void {
  program
    .command('acp')
    .summary('serve an editor over the Agent Client Protocol')
    .description(
      'Speaks the Agent Client Protocol on stdin and stdout, so that Zed, JetBrains IDEs, Neovim and other editors can drive threads and goals. ' +
        'The editor starts it; docs/editors.md says how. It starts the daemon when none runs. When the editor goes, goals go on.',
    )
    .action(async (_flags: unknown, command: Command) => {
      await run(() => acp(app, command.optsWithGlobals<GlobalFlags>()));
    });
}

async function acp(app: App, flags: GlobalFlags): Promise<ExitCode> {
  const { serveAcp } = await import('../acp/serve.js');
  const { stdin, stdout } = process;
  if (stdin.isTTY) {
    app.terminal.writeError(
      'goal acp is started by editors and reads their JSON-RPC messages here: see docs/editors.md. Ctrl-D ends it.\n',
    );
  }
  try {
    return await serveAcp(app, flags, {
      input: Readable.toWeb(stdin),
      output: Writable.toWeb(stdout),
    });
  } finally {
    // An editor may close its end of one pipe only.
    stdin.destroy();
  }
}
