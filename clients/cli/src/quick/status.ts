import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { homePaths } from '@goald/protocol';
import { readOverview } from '../goals/overview.js';
import { overviewText } from '../output/overview-text.js';
import { oneLine } from '../output/text.js';
import type { Paint } from '../terminal/terminal.js';
import { openQuickConnection } from './connection.js';

interface StatusFlags {
  readonly home: string | undefined;
  readonly json: boolean;
}

/**
 * `goal status` without the full program, over the home's Unix socket. Answers the exit code, or null when the full program has
 * to do it: other flags, no daemon, or one that answers something unexpected. Nothing was printed then.
 */
export async function quickStatus(args: readonly string[]): Promise<number | null> {
  const flags = readFlags(args);
  if (flags === null) return null;
  const answer = await ask(flags).catch(() => null);
  if (answer === null) return null;
  write(answer.text);
  // Seldom there is one, so that the stream need not be quick.
  if (answer.notice !== null) process.stderr.write(`${oneLine(answer.notice)}\n`);
  return 0;
}

async function ask(flags: StatusFlags): Promise<{ text: string; notice: string | null }> {
  const cwd = process.cwd();
  const { socket } = homePaths({ home: flags.home, env: process.env, cwd });
  const connection = openQuickConnection(socket);
  try {
    const [overview, paint] = await Promise.all([readOverview(connection, cwd), paintOf(STDOUT)]);
    const notice = (await connection.greeting)?.storeNotice ?? null;
    connection.leave();
    return { text: overviewText(overview, paint, flags.json), notice };
  } catch (error) {
    connection.close();
    throw error;
  }
}

const STDOUT = 1;

const plain = (text: string): string => text;
const PLAIN: Paint = {
  bold: plain,
  dim: plain,
  red: plain,
  green: plain,
  yellow: plain,
  cyan: plain,
};

/** Colours are loaded for a screen alone. */
async function paintOf(output: number): Promise<Paint> {
  const isPainted = (process.env['NO_COLOR'] ?? '') === '' && isatty(output);
  return isPainted ? (await import('picocolors')).createColors(true) : PLAIN;
}

/** To the file itself: the stream of Node takes a tenth of all the time to make. */
function write(text: string): void {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(STDOUT, rest));
  } catch (error) {
    // Whoever read our output may have left, as `head` does; that is no failure.
    process.stdout.on('error', () => undefined);
    // A pipe that takes no more for now is what the stream is good for.
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') {
      process.stdout.write(rest);
    }
  }
}

/** null for a command line that means anything but status. */
function readFlags(args: readonly string[]): StatusFlags | null {
  const words = [...args];
  let home: string | undefined;
  let json = false;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--json') json = true;
    else if (word === '--home' && words[0] !== undefined) home = words.shift();
    else if (word.startsWith('--home=')) home = word.slice('--home='.length);
    else if (word !== 'status') return null;
  }
  return { home, json };
}
