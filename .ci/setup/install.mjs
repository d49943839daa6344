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
  const first = `-include "${join(root, '.ci', 'setup', 'object-wrap.h')}"`;
  return {
    cwd: root,
    env: {
      ...process.env,
      CXXFLAGS: [process.env['CXXFLAGS'] ?? '', first].join(' ').trim(),
      ...(headers === null ? {} : { npm_config_nodedir: headers }),
    },
  };
}

/**
 * Puts into node_modules what the lockfile says, if it is not there, and makes sure that the native module works.
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
  const first = await tryNativeModule(root);
  if (first.code === 0) return;
  const { command, args } = npm(['rebuild', 'better-sqlite3', '--ignore-scripts=false', ...FLAGS]);
  const options = npmOptions(root);
  // What loads and then dies was compiled against other headers than it should be: another download of it would be no better.
  if (first.signal !== null) options.env['npm_config_build_from_source'] = 'true';
  await runQuiet(
    {
      label: `rebuilding better-sqlite3 for Node ${process.versions.node}`,
      hint: 'about a minute when it is compiled from source',
      advise: npmAdvice,
    },
    command,
    args,
    options,
  );
  const { code, output } = await tryNativeModule(root);
  if (code !== 0) {
    throw new SetupError(
      'better-sqlite3 does not work, even after a rebuild. Remove node_modules and run the command again.',
      output,
    );
  }
}

/**
 * Opens a database, and has the garbage collector take statements of it while a script runs.
 * @param {string} root
 */
function tryNativeModule(root) {
  const script = `
    const Database = require('better-sqlite3');
    const db = new Database(':memory:');
    for (let i = 0; i < 1000; i += 1) db.prepare('SELECT 1').get();
    for (let i = 0, waste = []; i < 1e6; i += 1) waste = [waste.length, i];
    db.close();`;
  // A megabyte for new objects: they are collected often.
  const args = ['--max-semi-space-size=1', '--eval', script];
  return runToEnd(process.execPath, args, { cwd: join(root, 'server') });
}
