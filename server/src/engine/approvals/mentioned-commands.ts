import type { ShellCommand, ShellScript, ShellWord } from '../ports/shell-syntax.js';

/** Programs that run others, so what follows their own words counts, too. */
export const RUNS_OTHERS: ReadonlySet<string> = new Set(
  (
    'builtin bundle busybox chroot chrt command coproc corepack cpulimit dbus-run-session direnv doas env ' +
    'exec fakeroot find flock gdb ionice ltrace nice nohup nsenter parallel pipenv pkexec poetry runuser ' +
    'script setarch setpriv setsid stdbuf strace sudo systemd-run taskset time timeout torsocks toybox unshare ' +
    'uv valgrind watch xargs xvfb-run'
  ).split(' '),
);

/** Programs that run what stands in one of their words, under another name or from their input. */
const TAKES_TEXT: ReadonlySet<string> = new Set(
  (
    '. alias ash awk bash bun csh dash deno ed enable entr eval ex expect fish gawk gdb hash ksh lua m4 mawk ' +
    'node parallel perl php pwsh python python3 ruby screen script sed sh shopt source ssh su tclsh tcsh tmux ' +
    'trap vi vim xargs zsh'
  ).split(' '),
);

/**
 * Whether a rule that forbids or asks fits any command in a text, however that is run. Rather once too often: where a program may be put
 * together first, it is enough that all words of the rule stand somewhere.
 */
export function isMentioned(
  { text, script }: { readonly text: string; readonly script: ShellScript },
  rule: readonly string[],
): boolean {
  const ways = script.commands.flatMap(waysToRun);
  if (ways.some((command) => runsAs(command, rule))) return true;
  if (script.isPlain && !ways.some(takesText)) return false;
  const words = [...wordsOf(text), ...wordsOf(unescaped(text))];
  return rule.every((part, index) => words.some((word) => mayBe(word, part, index === 0)));
}

/** A command, and what may be another one that it runs. */
function waysToRun(command: ShellCommand): ShellCommand[] {
  const program = baseName(command[0]?.text ?? '');
  const last = RUNS_OTHERS.has(program) ? command.length - 1 : 0;
  return Array.from({ length: last + 1 }, (_, from) => command.slice(from));
}

function takesText([program, ...rest]: ShellCommand): boolean {
  const name = baseName(program?.text ?? '');
  // An alias of git's may be any command.
  return TAKES_TEXT.has(name) || (name === 'git' && rest.some(({ text }) => isSetting(text)));
}

function isSetting(text: string | null): boolean {
  return text !== null && /^(?:-c|--config-env)/u.test(text);
}

/** A program counts under its name, wherever it lies. Options between the words, each with a value, change nothing. */
function runsAs(
  [program, ...rest]: ShellCommand,
  [name = '', ...parts]: readonly string[],
): boolean {
  if (program === undefined || !fits(program, name, true)) return false;
  let at = 0;
  for (const part of parts) {
    while (!fits(rest[at], part, false)) {
      const isOption = isOptionWord(rest[at]) || (at > 0 && isOptionWord(rest[at - 1]));
      if (!isOption) return false;
      at += 1;
    }
    at += 1;
  }
  return true;
}

function isOptionWord(word: ShellWord | undefined): boolean {
  return word?.text?.startsWith('-') === true;
}

function fits(word: ShellWord | undefined, part: string, isProgram: boolean): boolean {
  if (word?.text == null) return false;
  return word.isPattern
    ? mayBe(word.text, part, isProgram)
    : word.text === part || (isProgram && baseName(word.text) === part);
}

/** Whether a word, in which a shell may put names of files, can come out as another. */
function mayBe(word: string, part: string, isProgram: boolean): boolean {
  const name = isProgram ? baseName(word) : word;
  if (word === part || name === part) return true;
  // What may be any file at all says nothing.
  if (!/[*?[]/u.test(name) || !/[\w.]/u.test(name.replaceAll(/\[[^\]]*\]/gu, ''))) return false;
  return asPattern(name).test(part);
}

/** What a pattern of file names can stand for, and more: what stands in brackets is any one character. */
function asPattern(glob: string): RegExp {
  const signs = glob.split(/(\[[^\]]*\]|[*?])/u).map((sign) => {
    if (sign.startsWith('*')) return '.*';
    return /^[?[]/u.test(sign) ? '.' : sign.replaceAll(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`);
  });
  return new RegExp(`^${signs.join('')}$`, 'su');
}

/** What may be words in a text that is no plain script: another shell, or one that is put together first, may run them. */
function wordsOf(text: string): string[] {
  return text
    .replaceAll(/\\\n/gu, '')
    .split(/[\s;|&(){}<>`$"'=\\,!:]+/u)
    .filter((word) => word !== '');
}

/** The characters that `$'…'`, printf and echo know by number. */
function unescaped(text: string): string {
  return text
    .replaceAll(/\\(?:x([\da-f]{1,2})|u([\da-f]{1,4})|0?([0-7]{1,3}))/giu, (_, x, u, octal) => {
      const [digits, base] = octal === undefined ? [String(x ?? u), 16] : [String(octal), 8];
      return String.fromCharCode(Number.parseInt(digits, base));
    })
    .replaceAll(/["'\\]/gu, '');
}

export function baseName(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}
