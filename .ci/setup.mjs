import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeVersionProblem } from './setup/node-version.mjs';
import { currentStamp, isBuilt, readStamp, writeStamp } from './setup/stamp.mjs';

// Makes a clone ready: installs and builds what is missing or has changed. Runs before every npm script, with nothing
// installed, and does nothing when there is nothing to do. `--build` builds in any case.

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function missing() {
  const last = readStamp(root);
  const now = currentStamp(root);
  const install = last === null || last.lock !== now.lock || last.runtime !== now.runtime;
  return { install, build: install || last.sources !== now.sources || !isBuilt(root) };
}

/** @param {boolean} forceBuild */
async function makeReady(forceBuild) {
  const [{ acquireLock }, { install }, { build }, { stopRunning }] = await Promise.all([
    import('./setup/lock.mjs'),
    import('./setup/install.mjs'),
    import('./setup/build.mjs'),
    import('./setup/run-quiet.mjs'),
  ]);
  const release = await acquireLock(join(root, '.ci', '.lock'), {
    onWait: (pid) => {
      process.stderr.write(`goald: waiting for another set-up in this folder (process ${pid})\n`);
    },
  });
  const giveUp = (/** @type {NodeJS.Signals} */ signal) => {
    stopRunning();
    release();
    process.kill(process.pid, signal);
  };
  process.once('SIGINT', giveUp);
  process.once('SIGTERM', giveUp);
  try {
    // Looked at again: the one we waited for may have done it all.
    const todo = missing();
    if (todo.install) await install(root);
    // Taken before the build, so that an edit made during it is built the next time.
    const stamp = currentStamp(root);
    if (todo.build || forceBuild) await build(root);
    writeStamp(root, stamp);
  } finally {
    release();
  }
}

/** @param {unknown} error */
async function report(error) {
  const { SetupError, tail } = await import('./setup/errors.mjs');
  if (error instanceof SetupError) {
    const output = error.output === '' ? '' : `${tail(error.output)}\n\n`;
    process.stderr.write(`${output}goald: ${error.message}\n`);
  } else {
    process.stderr.write(
      `goald: set-up failed: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
  }
  process.exitCode = 1;
}

const problem = nodeVersionProblem(process.versions.node);
if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
} else {
  const forceBuild = process.argv.includes('--build');
  const todo = missing();
  if (todo.install || todo.build || forceBuild) await makeReady(forceBuild).catch(report);
}
