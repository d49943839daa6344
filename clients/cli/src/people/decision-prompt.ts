import type { CommandDecision } from '@goald/protocol';
import { oneLine, visible } from '../output/text.js';
import type { Paint } from '../terminal/terminal.js';

const INDENT = '    ';

/** One of the answers to "may it?". */
export interface Choice {
  /** What is typed for it. */
  readonly key: string;
  readonly label: string;
  readonly decision: CommandDecision;
}

/** What a person typed: a decision, and for a no the reason that the agent reads. */
export interface Decided {
  readonly decision: CommandDecision;
  readonly reason: string | null;
}

/** The answers that a request offers, under the keys a person types. */
export function choicesOf(decisions: readonly CommandDecision[]): readonly Choice[] {
  return decisions.map((decision) => {
    if (typeof decision === 'object') {
      const words = decision.acceptWithExecpolicyAmendment.execpolicy_amendment.join(' ');
      return {
        key: 'a',
        label: `yes, always: commands that begin with "${visible(words)}"`,
        decision,
      };
    }
    return { ...LABELS[decision], decision };
  });
}

const LABELS: Readonly<
  Record<Extract<CommandDecision, string>, { readonly key: string; readonly label: string }>
> = {
  accept: { key: 'y', label: 'yes, this once' },
  acceptForSession: { key: 's', label: 'yes, and do not ask for the same in this thread' },
  decline: { key: 'n', label: 'no: the agent is told and goes on; "n because …" tells it why' },
  cancel: { key: 'p', label: 'no, and pause the goal' },
};

/** What is asked, as text that ends with a line break. `what`: the command or the diff, which is shown whole. */
export function decisionText(
  asked: {
    readonly title: string;
    readonly what: string;
    readonly reason: string | null;
    readonly choices: readonly Choice[];
  },
  paint: Paint,
): string {
  const { title, what, reason, choices } = asked;
  return [
    `${paint.yellow('?')} ${paint.bold(title)}`,
    ...what.split('\n').map((line) => INDENT + line),
    ...(reason === null ? [] : [`  ${paint.dim(oneLine(reason))}`]),
    ...choices.map(({ key, label }) => `  ${paint.bold(key)}  ${label}`),
    '',
  ].join('\n');
}

/** The question at the end of it. */
export function decisionQuestion(choices: readonly Choice[]): string {
  return `  [${choices.map(({ key }) => key).join('/')}] > `;
}

/** What was typed; null where it is none of the choices. Only a no takes more words than its key. */
export function readDecision(typed: string, choices: readonly Choice[]): Decided | null {
  const [word = '', ...rest] = typed.trim().split(/\s+/u);
  const key = WORDS[word.toLowerCase()] ?? word.toLowerCase();
  const choice = choices.find((one) => one.key === key);
  if (choice === undefined) return null;
  const reason = rest.length === 0 ? null : typed.trim().slice(word.length).trim();
  if (reason !== null && choice.decision !== 'decline') return null;
  return { decision: choice.decision, reason };
}

const WORDS: Readonly<Record<string, string>> = { yes: 'y', no: 'n', 'n,': 'n', 'no,': 'n' };
