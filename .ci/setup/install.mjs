import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SetupError, npmAdvice } from './errors.mjs';
import { isInstalled } from './installed.mjs';
import { headersFolder } from './native-headers.mjs';
import { runQuiet, runToEnd } from './run-quiet.mjs';

const FLAGS = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=warn'];

/**
 * The npm that started us, or the one on the PATH.
 * @param {readonly string[]} args
 * @returns {{ command: string, args: string[] }}
 */
function npm(args) {
  const script = process.env['npm_execpath'];
  return script !== undefined && basename(script).startsWith('npm')
    ? { command: process.execPath, args: [script, ...args] }
    : { command: 'npm', args: [...args] };
}

/**
 * @param {string} root
 * @returns {{ cwd: string, env: NodeJS.ProcessEnv }}
 */
function npmOptions(root) {
  const headers = headersFolder();
  return {
    cwd: root,
    env: headers === null ? process.env : { ...process.env, npm_config_nodedir: headers },
  };
}

/**
 * Puts into node_modules what the lockfile says, if it is not there, and makes sure that the native module loads.
 * @param {string} root
 * @returns {Promise<void>}
 */
export async function install(root) {
  if (!isInstalled(root)) {
    const verb = existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install';
    const { command, args } = npm([verb, '--include=dev', ...FLAGS]);
    await runQuiet(
      {
        label: `installing packages (npm ${verb})`,
        hint: 'about half a minute; a minute more if better-sqlite3 has to be compiled',
        advise: npmAdvice,
      },
      command,
      args,
      npmOptions(root),
    );
  }
  await ensureNativeModule(root);
}

/** @param {string} root */
async function ensureNativeModule(root) {
  if ((await loadNativeModule(root)).code === 0) return;
  const { command, args } = npm(['rebuild', 'better-sqlite3', '--ignore-scripts=false', ...FLAGS]);
  await runQuiet(
    {
      label: `rebuilding better-sqlite3 for Node ${process.versions.node}`,
      hint: 'about a minute when it is compiled from source',
      advise: npmAdvice,
    },
    command,
    args,
    npmOptions(root),
  );
  const { code, output } = await loadNativeModule(root);
  if (code !== 0) {
    throw new SetupError(
      'better-sqlite3 does not load, even after a rebuild. Remove node_modules and run the command again.',
      output,
    );
  }
}

/** @param {string} root */
function loadNativeModule(root) {
  const script = "const Database = require('better-sqlite3'); new Database(':memory:').close();";
  return runToEnd(process.execPath, ['--eval', script], { cwd: join(root, 'server') });
}
