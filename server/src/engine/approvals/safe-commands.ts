import type { ShellCommand } from '../ports/shell-syntax.js';

// Commands that only look, whatever their arguments are; and some that do so with arguments that are known to be harmless.

const ALWAYS: ReadonlySet<string> = new Set(
  (
    'basename cat cd cksum cmp comm cut df diff dirname du echo egrep expand expr false fgrep fmt fold grep ' +
    'head id join ls md5sum nl nproc od paste pwd readlink realpath rev seq sha1sum sha256sum sha512sum ' +
    'stat strings sum tac tail tr true tsort uname unexpand wc which whoami'
  ).split(' '),
);

/** By program: whether these arguments, each known as it stands, let it only look. */
const SOMETIMES: ReadonlyMap<string, (args: readonly string[]) => boolean> = new Map([
  ['rg', (args: readonly string[]) => !args.some(startsWithAny(['--pre', '--hostname-bin']))],
  ['sort', (args: readonly string[]) => !args.some(isSortOutput)],
  ['uniq', (args: readonly string[]) => operandsOf(args).length <= 1],
  // With -v the shell's own evaluates the name of a variable, and what stands in it.
  ['printf', ([first = '']: readonly string[]) => !first.startsWith('-')],
  ['file', (args: readonly string[]) => !args.some((arg) => /^-(?:[^-]*C|-c)/u.test(arg))],
  ['date', (args: readonly string[]) => args.every((arg) => arg.startsWith('+') || arg === '-u')],
  ['find', (args: readonly string[]) => !args.some((arg) => FIND_ACTS.test(arg))],
  ['tree', (args: readonly string[]) => !args.some((arg) => /^-(?:[^-]*[oR]|-o)/u.test(arg))],
  ['sed', isSedPrint],
  ['git', isGitLook],
]);

const FIND_ACTS = /^-(?:exec|execdir|ok|okdir|delete|fls|fprint0?|fprintf)$/u;

/** True for a command that changes nothing and starts no other program. `inOwnFolder`: it runs in the folder of the thread. */
export function isSafe(command: ShellCommand, { inOwnFolder }: { inOwnFolder: boolean }): boolean {
  const [program, ...rest] = command;
  if (program?.text == null || program.isPattern) return false;
  if (ALWAYS.has(program.text)) return rest.every(({ text }) => text !== null);
  // Another repository may bring programs along that git runs when it only looks.
  if (program.text === 'git' && !inOwnFolder) return false;
  const known = SOMETIMES.get(program.text);
  if (known === undefined || rest.some((word) => word.isPattern || word.text === null))
    return false;
  return known(rest.flatMap(({ text }) => (text === null ? [] : [text])));
}

function startsWithAny(options: readonly string[]): (arg: string) => boolean {
  return (arg) => options.some((option) => arg.startsWith(option));
}

/** What is no option: `-` is a file, and so is everything after `--`. */
function operandsOf(args: readonly string[]): readonly string[] {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const before = args.slice(0, end).filter((arg) => arg === '-' || !arg.startsWith('-'));
  return [...before, ...args.slice(end + 1)];
}

function isSortOutput(arg: string): boolean {
  return /^-[a-zA-Z]*[oT]/u.test(arg) || /^--(?:o|co|t|files0)/u.test(arg);
}

/** `sed -n 10,20p file`. */
function isSedPrint([option, script = '', ...files]: readonly string[]): boolean {
  const prints = option === '-n' && /^(?:\d+|\$)(?:,(?:\d+|\$))?p$/u.test(script);
  return prints && files.every((file) => !file.startsWith('-'));
}

const GIT_LOOKS: ReadonlySet<string> = new Set([
  'blame',
  'describe',
  'diff',
  'log',
  'ls-files',
  'ls-tree',
  'merge-base',
  'rev-list',
  'rev-parse',
  'shortlog',
  'show',
  'status',
]);
const GIT_ACTS = /^(?:--(?:ou|op|ext|exe|textc|up|conf|no-i)|-O)/u;

function isGitLook([look = '', ...args]: readonly string[]): boolean {
  if (look === 'branch') {
    return args.every((arg) =>
      /^(?:-a|-r|-v|-vv|--list|--all|--remotes|--show-current)$/u.test(arg),
    );
  }
  return GIT_LOOKS.has(look) && !args.some((arg) => GIT_ACTS.test(arg));
}
