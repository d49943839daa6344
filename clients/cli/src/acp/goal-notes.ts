import type { SessionUpdate } from '@agentclientprotocol/sdk';
import type { EventType, GoalEvent } from '@goald/protocol';
import { oneLine } from '../output/text.js';
import { EventData } from '../progress/event-data.js';
import { reduce } from '../progress/reducer.js';
import { verificationLines } from '../progress/verification-line.js';
import { initialView, type LineKind, type TranscriptLine } from '../progress/view.js';
import { fenced, quoted } from './markdown.js';

const MARKS: Readonly<Record<LineKind, string>> = {
  ok: '✓ ',
  fail: '✗ ',
  warn: '! ',
  info: '',
  say: '',
  head: '',
};

/** Events told in the words the terminal has for them. What an item or a tool call shows already is not among them. */
const IN_WORDS: ReadonlySet<EventType> = new Set([
  'goal.statusChanged',
  'goal.cleared',
  'goal.edited',
  'goal.progress',
  'goal.budgetWarning',
  'policy.breached',
  'blocker.resolved',
  'proposal.decided',
  'retry.scheduled',
  'wait.started',
  'wait.ended',
]);

/** What goald itself says of an event, as Markdown; null where it says nothing. */
export function noteOf(event: GoalEvent): string | null {
  const lines = linesOf(event);
  return lines.length === 0
    ? null
    : quoted(
        lines.flatMap(({ kind, text, detail }) => [
          `${MARKS[kind]}${text}`,
          ...(detail ?? []).map((line) => `  ${line}`),
        ]),
      );
}

function linesOf(event: GoalEvent): readonly TranscriptLine[] {
  const data = new EventData(event.data);
  const text = (name: string): string => oneLine(data.text(name) ?? '');
  switch (event.type) {
    case 'goal.created':
      return [{ kind: 'head', text: `**Goal:** ${text('objective')}` }];
    case 'turn.started': {
      const turn = data.number('ordinal') ?? 1;
      return event.goalId !== null && turn > 1
        ? [{ kind: 'head', text: `turn ${String(turn)}` }]
        : [];
    }
    case 'turn.completed':
      return turnLines(event, data);
    case 'blocker.raised': {
      const finding = data.text('severity') === 'finding';
      const question = data.text('question');
      const detail = [
        ...(question === null ? [] : [oneLine(question)]),
        ...(finding && question === null ? [] : ['answer: `/goal-answer <your answer>`']),
      ];
      const what = `${finding ? 'finding' : 'blocker'}: ${text('summary')}`;
      return [{ kind: 'warn', text: what, detail }];
    }
    case 'proposal.made':
      return [
        {
          kind: 'warn',
          text: `the agent proposes another objective: ${text('objective')}`,
          detail: ['decide: `/goal-accept` or `/goal-decline <why>`'],
        },
      ];
    default:
      if (!IN_WORDS.has(event.type)) return [];
      return reduce(initialView(null, event.atMs), { kind: 'event', event }).lines;
  }
}

/** A failed turn of a goal. How a turn without a goal failed, the answer to its prompt says. */
function turnLines(event: GoalEvent, data: EventData): readonly TranscriptLine[] {
  const why = data.part('error').text('message');
  if (why === null || event.goalId === null) return [];
  return [{ kind: 'fail', text: `turn failed: ${oneLine(why)}` }];
}

/** A run of the verification commands, as a tool call; null for all other events. */
export function verificationCall(event: GoalEvent): SessionUpdate | null {
  const data = new EventData(event.data);
  const toolCallId = `verification-${data.text('runId') ?? String(event.seq)}`;
  switch (event.type) {
    case 'verification.started': {
      const names = Array.isArray(event.data['commands']) ? event.data['commands'] : [];
      const listed = names.filter((name) => typeof name === 'string').map(oneLine);
      return {
        sessionUpdate: 'tool_call',
        toolCallId,
        title: `Verification by goald: ${listed.join(', ')}`,
        kind: 'execute',
        status: 'in_progress',
      };
    }
    case 'verification.finished': {
      const lines = verificationLines(data).flatMap(({ kind, text, detail }) => [
        `${MARKS[kind]}${text}`,
        ...(detail ?? []).map((line) => `    ${line}`),
      ]);
      const text = fenced(lines.join('\n'));
      return {
        sessionUpdate: 'tool_call_update',
        toolCallId,
        status: data.text('status') === 'passed' ? 'completed' : 'failed',
        content: [{ type: 'content', content: { type: 'text', text } }],
      };
    }
    default:
      return null;
  }
}
