import { runDemo } from './demo/run-demo.js';
import type { ExitCode } from './exit-codes.js';
import { exitCodeOf, messageOf } from './failures.js';
import { runCli } from './program.js';
import { ProcessTerminal } from './terminal/process-terminal.js';

/** What `npm start` runs: `goal run` with the words given, else the demo. */
async function start(words: readonly string[]): Promise<ExitCode> {
  // npm changes to the folder of package.json; INIT_CWD is where the person stands.
  const terminal = new ProcessTerminal(process.env['INIT_CWD'] ?? process.cwd());
  const app = { terminal };
  if (words.length > 0) return runCli(app, ['run', ...words]);
  const named = [terminal.env['OPENAI_API_KEY'], terminal.env['OPENAI_BASE_URL']];
  try {
    return await runDemo(app, { replay: named.every((value) => (value ?? '') === '') });
  } catch (error) {
    terminal.writeError(`goald demo: ${messageOf(error)}\n`);
    return exitCodeOf(error);
  }
}

process.exitCode = await start(process.argv.slice(2));
