import path from 'node:path';
import type {
  ToolCall,
  ToolCallContent,
  ToolCallLocation,
  ToolCallStatus,
  ToolKind,
} from '@agentclientprotocol/sdk';
import { commandOf, type FileUpdateChange, type ThreadItem } from '@goald/protocol';
import { oneLine } from '../output/text.js';
import { EventData } from '../progress/event-data.js';
import { fenced } from './markdown.js';
import { hunksOf } from './hunks.js';

/** Of a longer text the editor gets this many characters of its end. */
export const SHOWN_CHARS = 32_768;
const TITLE_CHARS = 200;

type Item<T extends ThreadItem['type']> = Extract<ThreadItem, { type: T }>;
type RunStatus = Item<'commandExecution'>['status'];

const STATUSES: Readonly<Record<RunStatus, ToolCallStatus>> = {
  inProgress: 'in_progress',
  completed: 'completed',
  failed: 'failed',
  declined: 'failed',
};

/** What an item is to an editor: a tool call; null for what is said, thought or planned. */
export function toolCallOf(item: ThreadItem, cwd: string): ToolCall | null {
  switch (item.type) {
    case 'commandExecution':
      return commandCall(item);
    case 'fileChange':
      return patchCall(item, cwd);
    case 'dynamicToolCall':
      return item.tool === 'update_plan' ? null : namedCall(item, cwd);
    case 'mcpToolCall':
      return mcpCall(item);
    case 'contextCompaction':
      return {
        toolCallId: item.id,
        title: 'Making room: summing up the conversation',
        kind: 'think',
        status: item.completedAtMs == null ? 'in_progress' : 'completed',
      };
    case 'userMessage':
    case 'agentMessage':
    case 'reasoning':
    case 'plan':
      return null;
  }
}

/** What a program printed, or the end of it. */
export function outputContent(text: string): ToolCallContent[] {
  if (text.trim() === '') return [];
  const cut = text.length > SHOWN_CHARS;
  const shown = cut ? text.slice(-SHOWN_CHARS) : text;
  return [
    ...(cut ? [textContent(`The last ${String(SHOWN_CHARS)} characters of the output:`)] : []),
    textContent(fenced(shown)),
  ];
}

function textContent(text: string): ToolCallContent {
  return { type: 'content', content: { type: 'text', text } };
}

function commandCall(item: Item<'commandExecution'>): ToolCall {
  const { exitCode, durationMs, cwd } = item;
  const command = commandOf(item);
  const ended = item.status !== 'inProgress';
  return {
    toolCallId: item.id,
    title: codeTitle(command),
    kind: 'execute',
    status: STATUSES[item.status],
    rawInput: { command, cwd },
    ...(ended ? { rawOutput: { exitCode, durationMs } } : {}),
    content: outputContent(item.aggregatedOutput ?? ''),
  };
}

function mcpCall(item: Item<'mcpToolCall'>): ToolCall {
  const answered = item.result?.content.map((part) => new EventData(part).text('text')) ?? [];
  const said = answered.filter((text) => text !== null);
  return {
    toolCallId: item.id,
    title: title(`${oneLine(item.server)}: ${oneLine(item.tool)}`),
    kind: item.readOnlyHint === true ? 'read' : 'other',
    status: STATUSES[item.status],
    rawInput: item.arguments,
    content: outputContent(item.error?.message ?? said.join('\n')),
  };
}

function patchCall(item: Item<'fileChange'>, cwd: string): ToolCall {
  const paths = item.changes.map((change) => oneLine(change.path));
  return {
    toolCallId: item.id,
    title: title(paths.length === 0 ? 'Patch' : `${verbOf(item.changes)} ${paths.join(', ')}`),
    kind: kindOf(item.changes),
    status: STATUSES[item.status],
    content: item.changes.flatMap((change) => diffContent(change, cwd)),
    locations: item.changes.map((change) => ({
      path: targetOf(change, cwd),
      line: change.kind.type === 'update' ? (hunksOf(change.diff)[0]?.line ?? null) : null,
    })),
  };
}

function kindOf(changes: readonly FileUpdateChange[]): ToolKind {
  const all = (test: (change: FileUpdateChange) => boolean): boolean =>
    changes.length > 0 && changes.every(test);
  if (all(({ kind }) => kind.type === 'delete')) return 'delete';
  if (all(({ kind, diff }) => isMove(kind) && diff.trim() === '')) return 'move';
  return 'edit';
}

function verbOf(changes: readonly FileUpdateChange[]): string {
  switch (kindOf(changes)) {
    case 'delete':
      return 'Delete';
    case 'move':
      return 'Move';
    default:
      return changes.every(({ kind }) => kind.type === 'add') ? 'Create' : 'Edit';
  }
}

function isMove(kind: FileUpdateChange['kind']): kind is Extract<typeof kind, { type: 'update' }> {
  return kind.type === 'update' && kind.move_path !== null;
}

/** Where a changed file lies after the change. */
function targetOf({ path: named, kind }: FileUpdateChange, cwd: string): string {
  return path.resolve(cwd, (isMove(kind) ? kind.move_path : null) ?? named);
}

/** One diff a place: editors compare the two texts, so no more of the file is needed. */
function diffContent(change: FileUpdateChange, cwd: string): ToolCallContent[] {
  const { kind, diff } = change;
  const place = { type: 'diff' as const, path: targetOf(change, cwd) };
  if (kind.type === 'add') return [{ ...place, oldText: null, newText: diff }];
  if (kind.type === 'delete') return diff === '' ? [] : [{ ...place, oldText: diff, newText: '' }];
  return hunksOf(diff).map(({ before, after }) => ({ ...place, oldText: before, newText: after }));
}

function namedCall(item: Item<'dynamicToolCall'>, cwd: string): ToolCall {
  const data = new EventData(item.arguments);
  const named = data.text('path');
  const inFile = named !== null && (item.tool === 'read_file' || item.tool === 'search');
  const { kind, text } = purposeOf(item.tool, data);
  return {
    toolCallId: item.id,
    title: title(text),
    kind,
    status: STATUSES[item.status],
    rawInput: item.arguments,
    content: outputContent((item.contentItems ?? []).map((part) => part.text).join('\n')),
    ...(inFile ? { locations: [locationOf(named, data.number('offset'), cwd)] } : {}),
  };
}

function locationOf(named: string, offset: number | null, cwd: string): ToolCallLocation {
  const line = offset !== null && Number.isInteger(offset) && offset > 0 ? offset : null;
  return { path: path.resolve(cwd, named), line };
}

function purposeOf(tool: string, data: EventData): { kind: ToolKind; text: string } {
  const at = data.text('path');
  switch (tool) {
    case 'read_file':
      return { kind: 'read', text: `Read ${at ?? 'a file'}` };
    case 'list_files':
      return { kind: 'read', text: `List ${at ?? 'files'}` };
    case 'search':
      return {
        kind: 'search',
        text: `Search ${data.text('pattern') ?? ''}${at === null ? '' : ` in ${at}`}`,
      };
    case 'get_goal':
      return { kind: 'think', text: 'Read the goal' };
    case 'set_goal':
      return { kind: 'think', text: setGoalText(data) };
    case 'wait':
      return { kind: 'other', text: `Wait${waitText(data)}` };
    case 'process':
      return {
        kind: 'execute',
        text: `${data.text('action') === 'kill' ? 'End' : 'Look at'} process ${String(data.number('process_id') ?? data.text('process_id') ?? '')}`,
      };
    default:
      return { kind: 'other', text: tool };
  }
}

function setGoalText(data: EventData): string {
  switch (data.text('status')) {
    case 'complete':
      return 'Propose that the goal is complete';
    case 'blocked':
      return `Say what blocks the goal: ${data.part('blocker').text('summary') ?? ''}`;
    case 'paused':
      return 'Pause the goal';
    default: {
      const summary = data.part('progress').text('summary');
      return summary === null ? 'Update the goal' : `Tell progress: ${summary}`;
    }
  }
}

function waitText(data: EventData): string {
  const seconds = data.number('seconds');
  if (seconds !== null) return ` ${String(seconds)} s`;
  const what = data.text('until') ?? data.text('path');
  return what === null ? '' : ` for ${what}`;
}

function title(text: string): string {
  const line = oneLine(text);
  return line.length > TITLE_CHARS ? `${line.slice(0, TITLE_CHARS - 1)}…` : line;
}

/** A command as code, which editors show as it stands. */
function codeTitle(command: string): string {
  const line = title(command);
  return line.includes('`') ? line : `\`${line}\``;
}
