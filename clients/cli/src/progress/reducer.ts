import type { GoalEvent } from '@goald/protocol';
import { budgetWarning } from './budget-line.js';
import { describeItem } from './describe-call.js';
import { EventData } from './event-data.js';
import { changedFiles, itemLine } from './item-line.js';
import { peopleLine } from './people-line.js';
import { planLines, planOf } from './plan-lines.js';
import { statusLine } from './status-line.js';
import { verificationLines } from './verification-line.js';
import { oneLine } from '../output/text.js';
import { formatClock, formatDuration } from '../output/format.js';
import type { ProgressInput, Step, TranscriptLine, View } from './view.js';

/** What one input changes, and what it adds to the transcript. Pure: times come with the inputs. */
export function reduce(view: View, input: ProgressInput): Step {
  switch (input.kind) {
    case 'event':
      return reduceEvent(view, input.event);
    case 'goal': {
      const { goal, atMs } = input;
      if (goal === null) return quiet({ ...view, goal });
      const timeUsedMs = Math.max(view.timeUsedMs, goal.timeUsedSeconds * 1000);
      const moved = timeUsedMs === view.timeUsedMs ? {} : { timeUsedMs, timeAtMs: atMs };
      return quiet({ ...view, goal, tokensUsed: goal.tokensUsed, ...moved });
    }
    case 'itemStarted': {
      const label = describeItem(input.item);
      if (label === null) return quiet(view);
      const { id } = input.item;
      const running = new Map(view.running).set(id, { label, startedAtMs: input.atMs });
      return quiet({
        ...view,
        running,
        details: new Map(view.details).set(id, label),
        retry: null,
      });
    }
    case 'messageDelta': {
      const said = (view.saying.get(input.itemId) ?? '') + input.delta;
      return quiet({ ...view, saying: new Map(view.saying).set(input.itemId, said) });
    }
    case 'connection': {
      if (input.connected === view.connected) return quiet(view);
      const text = input.connected
        ? 'connected to the daemon again'
        : 'connection to the daemon lost, trying again (the goal is safe)';
      return {
        view: { ...view, connected: input.connected, running: new Map() },
        lines: [{ kind: 'warn', text }],
      };
    }
  }
}

function reduceEvent(view: View, event: GoalEvent): Step {
  const data = new EventData(event.data);
  switch (event.type) {
    case 'turn.started': {
      const turn = data.number('ordinal') ?? view.turn + 1;
      const next = { ...view, turnOpen: true, turn, retry: null, timeAtMs: event.atMs };
      return turn > 1 ? lined(next, { kind: 'head', text: `turn ${String(turn)}` }) : quiet(next);
    }
    case 'turn.completed':
      return turnCompleted(view, data);
    case 'item.completed':
      return itemCompleted(view, data);
    case 'plan.edited':
    case 'plan.proposed': {
      const plan = planOf(data);
      return { view: { ...view, plan }, lines: planLines(view.plan, plan) };
    }
    case 'goal.usage': {
      const tokensUsed = data.number('tokensUsed') ?? view.tokensUsed;
      const timeUsedMs = data.number('timeUsedMs') ?? view.timeUsedMs;
      return quiet({ ...view, tokensUsed, timeUsedMs, timeAtMs: event.atMs });
    }
    case 'verification.started':
      return quiet({ ...view, verification: 'running' });
    case 'verification.finished': {
      const passed = data.text('status') === 'passed';
      return {
        view: { ...view, verification: passed ? 'passed' : 'failed' },
        lines: verificationLines(data),
      };
    }
    case 'retry.scheduled':
      return retryScheduled(view, data, event.atMs);
    case 'goal.statusChanged':
      return lined({ ...view, retry: null }, statusLine(data));
    case 'goal.cleared':
      return lined({ ...view, goal: null }, { kind: 'warn', text: 'goal cleared' });
    default: {
      const line = noteLine(event, data);
      return line === null ? quiet(view) : lined(view, line);
    }
  }
}

function itemCompleted(view: View, data: EventData): Step {
  const itemId = data.text('itemId') ?? '';
  const line = itemLine(view, data);
  const running = new Map(view.running);
  const saying = new Map(view.saying);
  const details = new Map(view.details);
  for (const map of [running, saying, details]) map.delete(itemId);
  const files = new Set([...view.files, ...changedFiles(data)]);
  const next = { ...view, running, saying, details, files, retry: null };
  return line === null ? quiet(next) : lined(next, line);
}

function turnCompleted(view: View, data: EventData): Step {
  const next = { ...view, turnOpen: false, running: new Map(), details: new Map() };
  const why = data.part('error').text('message');
  const status = data.text('status');
  if (why !== null) return lined(next, { kind: 'fail', text: `turn failed: ${oneLine(why)}` });
  if (status === 'interrupted') return lined(next, { kind: 'warn', text: 'turn interrupted' });
  return quiet(next);
}

function retryScheduled(view: View, data: EventData, nowMs: number): Step {
  const atMs = data.number('nextActionAtMs') ?? nowMs;
  const message = oneLine(data.text('message') ?? 'the provider did not answer');
  const text = `provider busy, next try in ${formatClock(Math.ceil((atMs - nowMs) / 1000) * 1000)}: ${message}`;
  return lined({ ...view, retry: { atMs, message } }, { kind: 'warn', text });
}

function noteLine(event: GoalEvent, data: EventData): TranscriptLine | null {
  switch (event.type) {
    case 'goal.edited':
      return { kind: 'info', text: `goal edited: ${oneLine(data.text('objective') ?? '')}` };
    case 'goal.progress': {
      const percent = data.number('percent');
      const share = percent === null ? '' : ` (${String(Math.round(percent))} %)`;
      return { kind: 'info', text: `progress: ${oneLine(data.text('summary') ?? '')}${share}` };
    }
    case 'goal.budgetWarning':
      return { kind: 'warn', text: budgetWarning(data) };
    case 'policy.breached': {
      const breaches = data.list('breaches');
      const isKept = breaches.some((breach) => !breach.flag('undone'));
      const paths = breaches.map((breach) => oneLine(breach.text('path') ?? '')).join(', ');
      const text = `forbidden by the path constraints, ${isKept ? 'not all of it undone' : 'undone'}: ${paths}`;
      return { kind: isKept ? 'fail' : 'warn', text };
    }
    case 'wait.started':
      return { kind: 'info', text: `waiting for ${oneLine(data.text('what') ?? 'something')}` };
    case 'wait.ended':
      return waitEndedLine(data);
    case 'daemon.recovered':
      return { kind: 'warn', text: 'the daemon was restarted and goes on' };
    default:
      return peopleLine(event, data);
  }
}

const WAIT_ENDS: Readonly<Record<string, string>> = {
  elapsed: 'the wait is over',
  exited: 'the process ended',
  changed: 'the path changed',
  lost: 'the process was lost with the daemon',
  timedOut: 'the wait reached its limit',
  interrupted: 'the wait was cut short',
  stopped: 'the wait ended with the goal’s stop',
};

function waitEndedLine(data: EventData): TranscriptLine {
  const result = data.text('result') ?? '';
  const end = WAIT_ENDS[result] ?? 'the wait ended';
  const elapsedMs = data.number('elapsedMs');
  const after = elapsedMs === null ? '' : ` after ${formatDuration(elapsedMs)}`;
  return { kind: result === 'lost' ? 'warn' : 'info', text: `${end}${after}` };
}

function quiet(view: View): Step {
  return { view, lines: [] };
}

function lined(view: View, line: TranscriptLine): Step {
  return { view, lines: [line] };
}
