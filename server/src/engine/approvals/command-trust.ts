import type { ShellCommand, ShellScript } from '../ports/shell-syntax.js';
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

/** Programs that run others, so what follows their own words counts, too. */
const RUNS_OTHERS: ReadonlySet<string> = new Set(
  (
    'builtin chroot command doas env exec find flock ionice nice nohup setsid stdbuf strace sudo time timeout ' +
    'unshare watch xargs'
  ).split(' '),
);

/** Programs that run what stands in one of their words. */
const TAKES_TEXT: ReadonlySet<string> = new Set(
  (
    '. ash awk bash dash eval fish gawk ksh lua node parallel perl php python python3 ruby sed sh source ssh su trap ' +
    'zsh'
  ).split(' '),
);

/** Whether a rule that forbids or asks fits any command in it, however that is run. Rather once too often. */
function isMentioned({ text, script }: NamedCommand, rule: Prefix): boolean {
  const ways = script.commands.flatMap(waysToRun);
  if (ways.some((command) => runsAs(command, rule))) return true;
  const takesText = ways.some(([program]) => TAKES_TEXT.has(baseName(program?.text ?? '')));
  if (script.isPlain && !takesText) return false;
  return wordsOf(text).some((_, from, all) => isAt(all, from, rule));
}

/** A command, and what may be another one that it runs. */
function waysToRun(command: ShellCommand): ShellCommand[] {
  const program = baseName(command[0]?.text ?? '');
  const last = RUNS_OTHERS.has(program) ? command.length - 1 : 0;
  return Array.from({ length: last + 1 }, (_, from) => command.slice(from));
}

/** A program counts under its name, wherever it lies. */
function runsAs(command: ShellCommand, rule: Prefix): boolean {
  return rule.every((text, index) => {
    const word = command[index]?.text ?? null;
    return word !== null && (word === text || (index === 0 && baseName(word) === text));
  });
}

/** What may be words in a text that is no plain script: another shell, or one that is put together first, may run them. */
function wordsOf(text: string): string[] {
  return text.split(/[\s;|&(){}<>`$"'=\\]+/u).filter((word) => word !== '');
}

function isAt(words: readonly string[], from: number, rule: Prefix): boolean {
  return rule.every((text, index) => {
    const word = words[from + index];
    return word === text || (index === 0 && word !== undefined && baseName(word) === text);
  });
}

function baseName(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}

/** Programs of which the first word alone allows everything. */
const TOO_MUCH: ReadonlySet<string> = new Set(
  (
    'ash awk bash bun dash deno env eval exec fish gawk git ksh lua make node npm npx perl php pnpm python python3 rm ' +
    'ruby sh source ssh sudo tcsh xargs yarn zsh'
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
  return words.length === 1 && TOO_MUCH.has(baseName(program)) ? null : words;
}
