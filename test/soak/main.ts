import { fileURLToPath } from 'node:url';
import { startVitest } from 'vitest/node';
import { HELP, OPTIONS_VARIABLE, readOptions } from './options.js';

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
  } else {
    await startVitest('test', [], {
      root: fileURLToPath(new URL('..', import.meta.url)),
      config: false,
      watch: false,
      include: ['soak/whole.test.ts'],
      disableConsoleIntercept: true,
      env: { [OPTIONS_VARIABLE]: JSON.stringify(options) },
    });
  }
} catch (error) {
  process.stderr.write(`soak: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
