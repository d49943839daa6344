import type { Side } from './servers.js';

/** What differs on purpose, or because the two servers are two programs. */
interface KnownDifference {
  /** Of lines that only this side shows. */
  readonly side: Side;
  readonly steps: readonly string[];
  /** A whole line, as it is compared. */
  readonly lines: RegExp;
  readonly reason: string;
  /** It hangs on what was on the way when the client left. */
  readonly byChance?: true;
}

const PAUSES: readonly string[] = [
  '/goal pause',
  'two clients: one pauses',
  'two clients: the other sees it',
];
const ASKING: readonly string[] = ['an approval is asked', 'another one is asked'];

const KNOWN: readonly KnownDifference[] = [
  {
    side: 'reference',
    steps: ['/model'],
    lines: /^(› )?\d\. GPT-\S+( \S+)? .*$|^↓$|^enter select · esc back$/u,
    reason: 'The reference lists models of its maker, which are built in.',
  },
  {
    side: 'goald',
    steps: ['/model'],
    lines:
      /^› 1\. scripted \(current\) The model of goald’s configuration\.$|^enter default · s session · esc back$/u,
    reason:
      'goald lists the model of its configuration, those with a price and those its provider offers.',
  },
  {
    side: 'goald',
    steps: PAUSES,
    lines: /^■ Conversation interrupted - use \/feedback if something went wrong$/u,
    reason: 'A pause ends the turn in flight at once; in the reference it goes on to its end.',
  },
  {
    side: 'reference',
    steps: ['two clients: the other clears'],
    lines: /^■ Conversation interrupted - use \/feedback if something went wrong$/u,
    reason: 'There the paused turn was ended by a key of its own, after the pause.',
  },
  {
    side: 'goald',
    steps: ['resumed in a second client'],
    lines: /^• Edited 2 files \(\+2 -1\)$|^└ [ab]\.txt \(\+1 -[01]\)$|^1 (-one|\+first|\+made)$/u,
    reason:
      'A patch that is on the way while its client leaves is missing in the reference’s history.',
    byChance: true,
  },
  {
    side: 'goald',
    steps: ['a budget is reached'],
    lines:
      /^• Exited \(status 1\) echo N >> progress\.txt$|^└ Not run: the goal reached its budget\.$|^Worked for \(time\)$/u,
    reason:
      'A budget is a ceiling: the calls in hand are not run, and the turn ends. In the reference both go on.',
  },
  {
    side: 'reference',
    steps: ['a review'],
    lines:
      /^>> Code review started: current changes <<$|^<< Code review finished >>$|^• You said: Review the current code changes .*$|^findings\.$|^Worked for \(time\)$/u,
    reason: 'There a second model reviews, behind marks of its own and with words of its own.',
  },
  {
    side: 'goald',
    steps: ['a review'],
    lines:
      /^› Review the changes of the working tree that are not committed: .*$|^(• You said: )?Change no file\. .*$|^(data, races|the file and line|nothing, say so|results, lost data|first: for each|taste\. If you).*$/u,
    reason: 'goald asks the thread’s own agent for the review, in words that the user can read.',
  },
  {
    side: 'reference',
    steps: ASKING,
    lines: /^Environment: local$|^Reason: May I\?$/u,
    reason: 'There the model asks to leave the sandbox, and says why, before it tries.',
  },
  {
    side: 'goald',
    steps: ASKING,
    lines:
      /^└ touch: cannot touch '\.\.\/asked\.txt': Read-only file system$|^Reason: The sandbox \(workspace-write\) seems to have kept it from writing\. .*$|^sandbox\.$/u,
    reason: 'goald runs a command in the sandbox first, and asks when that stops it.',
  },
  {
    side: 'reference',
    steps: ASKING,
    lines:
      /^2\. Yes, and don't ask again for commands that start with `touch \.\.\/asked\.txt` \(p\)$/u,
    reason: 'Leaving the sandbox cannot be allowed for good on goald.',
  },
  {
    side: 'goald',
    steps: ASKING,
    lines: /^2\. No, continue without running it \(d\)$/u,
    reason: 'On goald a person can also say no and let the turn go on.',
  },
  {
    side: 'reference',
    steps: ['/plan', '/fork', '/new'],
    lines:
      /^• Model changed to scripted medium for Plan mode\.$|^scripted (medium|default) · \(repository\)$/u,
    reason: 'goald has one reasoning effort, that of its configuration: a mode does not change it.',
  },
  {
    side: 'goald',
    steps: ['/fork'],
    lines: /^scripted default · \(repository\)$/u,
    reason: 'goald has one reasoning effort, that of its configuration: a mode does not change it.',
  },
];

const used = new Set<KnownDifference>();

/** Why a side shows a line that the other does not; null: nobody knows. */
export function reasonFor(side: Side, step: string, line: string): string | null {
  const known = KNOWN.find(
    (one) => one.side === side && one.steps.includes(step) && one.lines.test(line),
  );
  if (known !== undefined) used.add(known);
  return known?.reason ?? null;
}

/** Reasons that no line needed: what they excuse is gone. */
export function unusedReasons(): string[] {
  return KNOWN.filter((one) => !used.has(one) && one.byChance !== true).map(
    ({ side, reason }) => `${side}: ${reason}`,
  );
}
