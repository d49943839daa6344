import type { CommandAction } from '@goald/protocol';
import { basename, resolve } from 'node:path';

/** Words without anything that a shell would do something with, plain or in quotes. */
const PLAIN =
  /^(?:[\w./@%+=:,~^-]+|'[^']*'|"[^"$`\\]*")(?:\s+(?:[\w./@%+=:,~^*?-]+|'[^']*'|"[^"$`\\]*"))*$/u;
const WORD = /'([^']*)'|"([^"]*)"|(\S+)/gu;
const READERS: ReadonlySet<string> = new Set(['cat', 'head', 'tail', 'nl', 'less', 'more', 'bat']);
const LISTERS: ReadonlySet<string> = new Set(['ls', 'tree', 'find', 'fd']);
const SEARCHERS: ReadonlySet<string> = new Set(['rg', 'grep', 'egrep', 'fgrep', 'ag']);

/** What a command is about, for a transcript: only what is plain to see. Whatever a shell would expand or join is `unknown`. */
export function commandActions(command: string, cwd: string): CommandAction[] {
  const text = command.trim();
  const [program = '', ...args] = PLAIN.test(text) ? wordsOf(text) : [];
  const operands = operandsOf(program, args);
  if (READERS.has(program) && operands.length === 1) return [reading(command, operands[0], cwd)];
  if (
    program === 'sed' &&
    args[0] === '-n' &&
    /^[\d,$]+p$/u.test(args[1] ?? '') &&
    args.length === 3
  ) {
    return [reading(command, args[2], cwd)];
  }
  if (LISTERS.has(program) && operands.length <= 1) {
    return [{ type: 'listFiles', command, path: operands[0] ?? null }];
  }
  if (SEARCHERS.has(program) && operands.length >= 1 && operands.length <= 2) {
    const [query = null, path = null] = operands;
    return [{ type: 'search', command, query, path }];
  }
  return [{ type: 'unknown', command }];
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(WORD)].map(([, single, double, bare]) => single ?? double ?? bare ?? '');
}

/** Arguments that are no options, nor the number of one (`head -n 20 file`). */
function operandsOf(program: string, args: readonly string[]): string[] {
  const counted = program === 'head' || program === 'tail';
  return args.filter(
    (arg, at) => !arg.startsWith('-') && !(counted && /^-[nc]$/u.test(args[at - 1] ?? '')),
  );
}

function reading(command: string, file = '', cwd: string): CommandAction {
  return { type: 'read', command, name: basename(file), path: resolve(cwd, file) };
}

/** A command as the shell is called with it. Clients of the dialect take it apart as a shell would. */
export function shellInvocation(command: string): string {
  return `bash -c '${command.replaceAll("'", `'"'"'`)}'`;
}
