import { homePaths } from '@goald/protocol';
import pc from 'picocolors';
import { readOverview } from '../goals/overview.js';
import { overviewText } from '../output/overview-text.js';
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
  let text: string;
  try {
    const cwd = process.cwd();
    const { socket } = homePaths({ home: flags.home, env: process.env, cwd });
    using connection = await openQuickConnection(socket);
    const isPainted = (process.env['NO_COLOR'] ?? '') === '' && process.stdout.isTTY;
    text = overviewText(
      await readOverview(connection, cwd),
      pc.createColors(isPainted),
      flags.json,
    );
  } catch {
    return null;
  }
  // Whoever read our output may have left, as `head` does; that is no failure.
  process.stdout.on('error', () => undefined);
  process.stdout.write(text);
  return 0;
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
