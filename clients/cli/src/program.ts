import { Command, CommanderError } from 'commander';
import type { App } from './app.js';
import { registerAcp } from './commands/acp.js';
import { registerAnswer } from './commands/answer.js';
import { registerApprovals } from './commands/approvals.js';
import { registerAttach } from './commands/attach.js';
import { registerBlockers } from './commands/blockers.js';
import { registerClear } from './commands/clear.js';
import { registerDaemon } from './commands/daemon.js';
import { registerDoctor } from './commands/doctor.js';
import { registerExport } from './commands/export.js';
import { registerImport } from './commands/import.js';
import { registerLint } from './commands/lint.js';
import { registerList } from './commands/list.js';
import { registerPause } from './commands/pause.js';
import { registerProposals } from './commands/proposals.js';
import { registerReport } from './commands/report.js';
import { registerResume } from './commands/resume.js';
import { registerRun } from './commands/run.js';
import type { RunCommand } from './commands/shared.js';
import { registerStatus } from './commands/status.js';
import { registerToken } from './commands/token.js';
import { registerMcp } from './commands/mcp.js';
import { registerTrust } from './commands/trust.js';
import { registerVerify } from './commands/verify.js';
import { registerWatch } from './commands/watch.js';
import { EXIT, EXIT_HELP, type ExitCode } from './exit-codes.js';
import { exitCodeOf, messageOf, OutputClosed } from './failures.js';
import { CLI_VERSION } from './version.js';

type RegisterWithApp = (program: Command, app: App, run: RunCommand) => void;

const COMMANDS: readonly RegisterWithApp[] = [
  registerStatus,
  registerRun,
  registerList,
  registerWatch,
  registerAttach,
  registerPause,
  registerResume,
  registerBlockers,
  registerAnswer,
  registerApprovals,
  registerProposals,
  registerClear,
  registerReport,
  registerLint,
  registerVerify,
  registerExport,
  registerImport,
  registerAcp,
  registerDaemon,
  registerDoctor,
  registerTrust,
  registerMcp,
  registerToken,
];

/** Runs one command line (without the program's own name) and answers its exit code. Writes what went wrong to stderr; never rejects. */
export async function runCli(app: App, argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.complete;
  const program = buildProgram(app, async (work) => {
    exitCode = await work();
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.complete : EXIT.usage;
    if (!(error instanceof OutputClosed)) app.terminal.writeError(`goal: ${messageOf(error)}\n`);
    return exitCodeOf(error);
  }
}

function buildProgram(app: App, run: RunCommand): Command {
  const program = new Command('goal')
    .description(
      'Sets goals for a coding agent and watches over them. The work is done by the goald daemon.',
    )
    .version(CLI_VERSION)
    .option('--home <dir>', 'folder of the daemon (default: GOALD_HOME, else the XDG folders)')
    .option('--endpoint <url>', 'daemon to talk to: unix:///path or ws://127.0.0.1:PORT')
    .addHelpText('after', EXIT_HELP)
    .exitOverride()
    .configureOutput({
      writeErr: (text) => {
        app.terminal.writeError(text);
      },
    });
  for (const register of COMMANDS) register(program, app, run);
  return program;
}
