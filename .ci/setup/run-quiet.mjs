import { spawn } from 'node:child_process';
import { SetupError } from './errors.mjs';

const LINE_EVERY_MS = 15_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** Ends the tools that are running now; for when the person gives up. */
export function stopRunning() {
  for (const child of running) child.kill('SIGTERM');
}

/**
 * Seconds since a moment, as people read them.
 * @param {number} startedAt
 */
function since(startedAt) {
  return `${Math.round((Date.now() - startedAt) / 1000)} s`;
}

/**
 * Runs a tool and keeps its output to itself, saying on stderr that it is at work and for how long.
 * @param {{ label: string, hint?: string, advise: (output: string) => string }} text
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<void>} rejects with SetupError, which carries the output, when the tool fails
 */
export async function runQuiet(text, command, args, options) {
  const startedAt = Date.now();
  const terminal = process.stderr.isTTY;
  const hint = text.hint === undefined ? '' : ` (${text.hint})`;
  const show = (/** @type {string} */ line) =>
    process.stderr.write(terminal ? `\r\u001b[2K${line}` : `${line}\n`);
  show(`goald: ${text.label}${hint}${terminal ? ' …' : ''}`);
  const timer = setInterval(
    () => show(`goald: ${text.label}, ${since(startedAt)}${hint}`),
    terminal ? 1000 : LINE_EVERY_MS,
  );
  try {
    const { code, output } = await runToEnd(command, args, options);
    clearInterval(timer);
    if (code !== 0) {
      if (terminal) process.stderr.write('\r\u001b[2K');
      throw new SetupError(`${text.label}: failed. ${text.advise(output)}`, output);
    }
    show(`goald: ${text.label}: done in ${since(startedAt)}${terminal ? '\n' : ''}`);
  } finally {
    clearInterval(timer);
  }
}

/**
 * Runs a command to its end, output kept. A command that cannot be started has code 127, one that a signal ended 1.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ code: number, signal: NodeJS.Signals | null, output: string }>}
 */
export function runToEnd(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    const end = (
      /** @type {number} */ code,
      /** @type {NodeJS.Signals | null} */ signal,
      /** @type {string} */ more,
    ) => {
      running.delete(child);
      resolve({ code, signal, output: Buffer.concat(chunks).toString('utf8') + more });
    };
    child.on('error', (error) => end(127, null, error.message));
    child.on('close', (code, signal) => end(code ?? 1, signal, ''));
  });
}
