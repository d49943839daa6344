import type { VerificationCommand } from '../messages/goal.js';
import { codeSpans, withoutCode } from './item-tree.js';
import type { MarkdownBlock } from './markdown-blocks.js';
import { isBareCommand, isCommandCode } from './shell-words.js';

export interface Checks {
  readonly commands: readonly VerificationCommand[];
  /** Lines that say nothing that could be run. */
  readonly unreadable: readonly string[];
}

const DEFAULT_TIMEOUT_SECONDS = 600;
const NAME_MAX = 200;
const SHELLS: ReadonlySet<string> = new Set([
  '',
  'sh',
  'bash',
  'shell',
  'zsh',
  'console',
  'shell-session',
  'shellsession',
  'terminal',
  'text',
]);
const TIMEOUT =
  /[([,;]?\s*\b(?:timeout|time limit|within)\s*[:=]?\s*(?:of\s+)?(\d+)\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|h)?\b\s*[)\]]?/iu;
/** What people say around a command without meaning more than the command. */
const FILLER =
  /\b(?:run|runs|execute|then|and|also|verify|check|with|that|it|must|should|shall|will|has to|passes|pass|passing|succeeds|succeed|exits?|exit code|code|is|green|cleanly|without|no|errors?|warnings?|finishes|works|ok|0|zero)\b/giu;
const OUTCOME =
  /\s+(?:(?:must|should|shall|has to)\s+)?(?:pass(?:es)?|succeeds?|exits? (?:with )?(?:code )?(?:0|zero)|is green|works)\.?$/iu;
const LABEL = /^([^:`]{1,200}?)\s*(?::|\s[–—-])\s*$/u;

/** The commands of a Verification section: code blocks of a shell, backticked commands and lines that are nothing but a command. */
export function commandsIn(blocks: readonly MarkdownBlock[]): Checks {
  const commands = new Map<string, VerificationCommand>();
  const unreadable: string[] = [];
  /** A line that ends with a colon: it names the code below it. */
  let label: string | null = null;
  const add = (command: string, name: string | null, timeoutSeconds: number): void => {
    const named = (name ?? command.replaceAll(/\s+/gu, ' ')).trim();
    commands.set(command, { name: shortened(named), command, timeoutSeconds });
  };
  for (const block of blocks) {
    if (block.kind === 'heading') {
      label = block.text;
      continue;
    }
    if (block.kind === 'code') {
      if (!SHELLS.has(block.language)) {
        unreadable.push(`a code block in ${block.language}`);
        continue;
      }
      const read = shellCommands(block.lines);
      for (const command of read) {
        add(command, read.length === 1 ? label : null, timeoutIn(label ?? ''));
      }
      label = null;
      continue;
    }
    label = null;
    for (const line of block.text.replace(/^\[[ xX]\]\s+/u, '').split('\n')) {
      const found = inLine(line);
      for (const each of found) add(each.command, each.name, timeoutIn(withoutCode(line)));
      if (found.length > 0) continue;
      if (/:\s*$/u.test(line)) label = line.replace(/:\s*$/u, '');
      else unreadable.push(line);
    }
  }
  return { commands: [...commands.values()], unreadable };
}

function inLine(line: string): readonly { command: string; name: string | null }[] {
  const spans = codeSpans(line);
  if (spans.length === 0) return plainCommand(line);
  const before = line.slice(0, line.indexOf('`')).replaceAll('**', '');
  const name = LABEL.exec(before)?.[1] ?? null;
  const around = name === null ? withoutCode(line) : withoutCode(line.slice(line.indexOf('`')));
  const nothingElse =
    around
      .replace(TIMEOUT, ' ')
      .replaceAll(FILLER, ' ')
      .replaceAll(/[^\p{L}]/gu, '') === '';
  const meant = spans.filter((code) => isCommandCode(code) || (nothingElse && spans.length === 1));
  return meant.map((command) => ({ command, name: meant.length === 1 ? plainName(name) : null }));
}

function plainCommand(line: string): readonly { command: string; name: string | null }[] {
  const text = line
    .replace(TIMEOUT, '')
    .replaceAll('**', '')
    .replace(/^\$\s+/u, '')
    .trim();
  const labelled = /^([^:]{1,200}):\s+(.+)$/u.exec(text);
  for (const [name, rest] of [
    [null, text],
    [labelled?.[1] ?? null, labelled?.[2] ?? ''],
  ] as const) {
    const command = rest.replace(OUTCOME, '').trim();
    if (command !== '' && isBareCommand(command)) return [{ command, name: plainName(name) }];
  }
  return [];
}

/** Lines of a shell: each a command, unless they belong together. Prompts, comments and printed output are left out. */
function shellCommands(lines: readonly string[]): readonly string[] {
  const prompted = lines.filter((line) => /^\s*\$\s/u.test(line));
  const typed =
    prompted.length > 0 ? prompted.map((line) => line.replace(/^\s*\$\s+/u, '')) : lines;
  const code = typed.filter((line) => line.trim() !== '' && !/^\s*#/u.test(line));
  const together = code.some((line) =>
    /<<|^\s*(?:if|for|while|until|case|function|set -|cd)\b|(?:\{|\(|&&|\|\||\||\bthen|\bdo)\s*$/u.test(
      line,
    ),
  );
  if (together) {
    // As a script it fails where one of its lines does, as separate commands would.
    const script = code.join('\n').trim();
    return [code.length === 1 || script.startsWith('set -') ? script : `set -e\n${script}`];
  }
  return code
    .join('\n')
    .split(/(?<!\\)\n/u)
    .map((command) => command.trim())
    .filter((command) => command !== '');
}

function timeoutIn(text: string): number {
  const match = TIMEOUT.exec(text);
  if (match === null) return DEFAULT_TIMEOUT_SECONDS;
  const unit = (match[2] ?? 's').toLowerCase();
  const seconds = unit.startsWith('h') ? 3600 : unit.startsWith('m') ? 60 : 1;
  return Number(match[1]) * seconds;
}

function plainName(name: string | null): string | null {
  const plain = name?.replaceAll(/[*_]/gu, '').trim() ?? '';
  return plain === '' ? null : plain;
}

function shortened(name: string): string {
  return name.length <= NAME_MAX ? name : `${name.slice(0, NAME_MAX - 1)}…`;
}
