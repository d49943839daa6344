import type { Step } from './rpc-script.js';

interface Difference {
  /** Of `<step> <notification?> <path>: <ours> instead of <theirs>`. */
  readonly where: RegExp;
  readonly why: string;
}

/** Where what goald tells differs from what the reference tells. */
const FIELDS: readonly Difference[] = [
  {
    where: /\.(modelProvider|cliVersion|userAgent|codexHome|originator|modelContextWindow):/u,
    why: 'Each server names itself, its home, its model and its client.',
  },
  {
    where: /\.gitInfo(\.sha)?:/u,
    why: 'Two repositories with commits of their own; goald also knows the commit when the thread starts.',
  },
  { where: /\.durationMs:/u, why: 'Time passes.' },
  { where: /\.backwardsCursor:/u, why: 'A cursor is opaque.' },
  {
    where: /\.(id|itemId): .* instead of "(msg|call)_/u,
    why: 'Items have ids of ours, not the provider’s.',
  },
  {
    where: /\.(id|turnId|rootTurnId|revision): "<id \d+>" instead of "<id \d+>"/u,
    why: 'Ids are counted from their first appearance, and goald has more of them.',
  },
  { where: /\.path: null/u, why: 'A thread is rows of a database, not a file.' },
  { where: /\.environments: null/u, why: 'Threads run on this machine only.' },
  {
    where: /\.canAcceptDirectInput: true instead of null/u,
    why: 'Every thread of goald takes input.',
  },
  {
    where:
      /turn\/start.*\.turn\.startedAt: "<time>" instead of null|^(say something|have a command run) \.turn\.startedAt/u,
    why: 'The turn has begun when goald answers.',
  },
  {
    where: /\.item\.(startedAtMs|completedAtMs): missing|\.contentTokenCount: missing/u,
    why: 'Optional fields; the times stand beside the item.',
  },
  {
    where: /\.item\.command: "bash -c 'echo hi'" instead of "\/bin\/bash -lc/u,
    why: 'Each names the shell as it runs it: goald’s reads no profile of the user.',
  },
  {
    where: /\.item\.(processId|source):/u,
    why: 'A process id of the system, known when the command has ended; commands are the agent’s.',
  },
  { where: /^unarchive it .*\.status\.type: "idle"/u, why: 'Threads of goald are always loaded.' },
  { where: /: nothing instead of/u, why: 'A notification that goald does not send: see LEFT_OUT.' },
];

/** The reason why something may differ, or null. */
export function whyDifferent(text: string): string | null {
  return FIELDS.find(({ where }) => where.test(text))?.why ?? null;
}

/** Notifications that only one of the two has, or that have no fixed place. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'remoteControl/status/changed': 'There is no remote control.',
  warning: 'The reference does not know the scripted model.',
  'account/rateLimits/updated': 'There are no accounts.',
  'thread/tokenUsage/updated':
    'Told when the answer is charged: before its calls run, there after them.',
  'item/commandExecution/outputDelta': 'Output is told while it comes; the reference waits.',
  'thread/goal/updated':
    'goald tells every phase and charge; that the last one is told is checked by the steps that read the goal.',
  'thread/closed': 'An archived thread is closed; there it is not loaded.',
  'thread/status/changed': 'The same, and threads of goald are always loaded.',
};

/** The order of what was heard in a step; deltas in a row count once. */
export function orderOf({ name, heard }: Step): { name: string; heard: string[] } {
  const methods = heard.map(({ method }) => method).filter((method) => !(method in LEFT_OUT));
  return {
    name,
    heard: methods.filter((method, at) => !/[dD]elta$/u.test(method) || methods[at - 1] !== method),
  };
}
