import type { ShellCommand, ShellScript } from '../ports/shell-syntax.js';
import { baseName, isMentioned, RUNS_OTHERS } from './mentioned-commands.js';
import { isSafe } from './safe-commands.js';

/** First words of commands. */
export type Prefix = readonly string[];

export interface CommandRules {
  readonly allow: readonly Prefix[];
  readonly deny: readonly Prefix[];
  readonly ask: readonly Prefix[];
}

/** A command as it would run. */
export interface NamedCommand {
  readonly text: string;
  readonly script: ShellScript;
  /** It runs in the folder of the thread. */
  readonly inOwnFolder: boolean;
}

export type Trust =
  /** It never runs. */
  | { readonly kind: 'denied'; readonly rule: Prefix }
  /** The user wants to be asked for it. */
  | { readonly kind: 'asked' }
  /** It only looks, or the user allowed it. */
  | { readonly kind: 'trusted' }
  /** `amendment`: words with which it could be allowed from now on; null where that would say too much or too little. */
  | { readonly kind: 'unknown'; readonly amendment: Prefix | null };

/** A compound command counts by its worst part; what is not understood is unknown. Pure. */
export function judgeCommand(named: NamedCommand, rules: CommandRules): Trust {
  const denied = rules.deny.find((rule) => isMentioned(named, rule));
  if (denied !== undefined) return { kind: 'denied', rule: denied };
  if (rules.ask.some((rule) => isMentioned(named, rule))) return { kind: 'asked' };
  const { script } = named;
  if (!script.isPlain) return { kind: 'unknown', amendment: null };
  const moves = script.commands.some(([program]) => program?.text === 'cd');
  const inOwnFolder = named.inOwnFolder && !moves;
  const unknown = script.commands.filter(
    (command) =>
      !isSafe(command, { inOwnFolder }) && !rules.allow.some((rule) => beginsWith(command, rule)),
  );
  const [first, ...more] = unknown;
  if (first === undefined) return { kind: 'trusted' };
  return { kind: 'unknown', amendment: more.length > 0 ? null : amendmentOf(first) };
}

/** Words as they stand, each. */
function beginsWith(command: ShellCommand, rule: Prefix): boolean {
  return rule.every((text, index) => {
    const word = command[index];
    return word?.text === text && !word.isPattern;
  });
}

/** Programs of which the first word allows everything. */
const TOO_MUCH: ReadonlySet<string> = new Set(
  (
    'alias ash awk bash bun cargo csh dash deno eval fish gawk git go ksh kubectl lua make node npm npx perl php pip ' +
    'pnpm pwsh python python3 rm ruby sh source ssh tcsh trap yarn zsh'
  ).split(' '),
);
const MOST_WORDS = 20;
const MOST_CHARS = 300;

function amendmentOf(command: ShellCommand): Prefix | null {
  const words = command.flatMap(({ text, isPattern }) =>
    text === null || isPattern ? [] : [text],
  );
  const [program = ''] = words;
  const isWhole = words.length === command.length && words.every((word) => word !== '');
  if (!isWhole || words.length > MOST_WORDS || words.join(' ').length > MOST_CHARS) return null;
  return allowsAnything(baseName(program), words.slice(1)) ? null : words;
}

/** Words that would let any program, or any text of one, run unasked: a program that runs others with nothing but options. */
function allowsAnything(program: string, rest: readonly string[]): boolean {
  if (!TOO_MUCH.has(program) && !RUNS_OTHERS.has(program)) return false;
  return rest[0]?.startsWith('-') !== false || rest.every((word) => /^(?:-|\d|\w+=)/u.test(word));
}
