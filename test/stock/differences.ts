import type { Side } from './servers.js';

/** What differs on purpose, or because the two servers are two programs. */
interface KnownDifference {
  /** Of lines that only this side shows. */
  readonly side: Side;
  readonly steps: RegExp;
  readonly lines: RegExp;
  readonly reason: string;
}

const KNOWN: readonly KnownDifference[] = [
  {
    side: 'reference',
    steps: /^\/model$/u,
    lines: /GPT|^↓$|enter select/u,
    reason: 'The reference has a list of its maker’s models built in.',
  },
  {
    side: 'goald',
    steps: /^\/model$/u,
    lines: /scripted|enter default/u,
    reason:
      'goald lists the model of its configuration, those with a price and those its provider offers.',
  },
  {
    side: 'goald',
    steps: /pause|Esc|replaced|other sees/u,
    lines: /Conversation interrupted|Goal paused/u,
    reason: 'A pause ends the turn in flight at once; in the reference it goes on to its end.',
  },
  {
    side: 'reference',
    steps: /pause|resume|replaced|budget|clear|two clients|Esc/u,
    lines:
      /echo N|no output|codex_internal|Working|Explored|Read a\.txt|Show details|Edited|\.txt \(|^1 |budget reached|Goal |Status|Objective|Time used|Tokens used|Commands:|interrupted/u,
    reason:
      'The reference lets the turn in flight go on after a pause, at a budget and over a new objective.',
  },
  {
    side: 'goald',
    steps: /budget|clear|two clients|resume|replaced|Esc/u,
    lines: /Exited \(status 1\) echo N|Not run: the goal|Worked for|Working/u,
    reason: 'A budget is a ceiling: the calls in hand are not run, and the turn ends.',
  },
  {
    side: 'reference',
    steps: /compact/u,
    lines: /Context compacted/u,
    reason: 'The client tells how long a compaction took only when it took some time.',
  },
  {
    side: 'goald',
    steps: /compact/u,
    lines: /Context compacted/u,
    reason: 'The client tells how long a compaction took only when it took some time.',
  },
  {
    side: 'reference',
    steps: /plan|fork|new/u,
    lines:
      /Plan|plan|medium|default · |for agents|1\. Yes|2\. Yes|3\. No|enter select|OpenAI Codex|repository|YOLO|Context compacted|Ask Codex/u,
    reason: 'goald has no planning turns yet: collaborationMode/list offers Default alone.',
  },
  {
    side: 'goald',
    steps: /plan|fork/u,
    lines:
      /Plan mode unavailable|proposed_plan|for agents|default · |OpenAI Codex|repository|YOLO|Ask Codex/u,
    reason: 'goald has no planning turns yet: collaborationMode/list offers Default alone.',
  },
  {
    side: 'reference',
    steps: /approval/u,
    lines: /Reason|May I|Running|Working|Environment|permission/iu,
    reason:
      'The reference’s model asks to leave its sandbox, with a reason; goald’s has no such argument.',
  },
  {
    side: 'reference',
    steps: /approval/u,
    lines: /^\d\. (Yes|No)/u,
    reason: 'goald offers two answers more: for this session, and no without an end of the turn.',
  },
  {
    side: 'goald',
    steps: /approval/u,
    lines: /^\d\. (Yes|No)/u,
    reason: 'goald offers two answers more: for this session, and no without an end of the turn.',
  },
  {
    side: 'goald',
    steps: /replaced/u,
    lines: /^1 \+first$|^Status: active$/u,
    reason: 'They stood under the question before; nothing went on meanwhile to scroll them away.',
  },
];

/** Why a side shows a line that the other does not; null: nobody knows. */
export function reasonFor(side: Side, step: string, line: string): string | null {
  const known = KNOWN.find(
    (one) => one.side === side && one.steps.test(step) && one.lines.test(line),
  );
  return known?.reason ?? null;
}
