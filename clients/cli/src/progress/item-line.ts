import { formatDuration } from '../output/format.js';
import { clean, oneLine } from '../output/text.js';
import type { EventData } from './event-data.js';
import type { TranscriptLine, View } from './view.js';

// Tools whose effect has an event of its own and needs no line for the call.
const QUIET_TOOLS: readonly string[] = ['update_plan', 'get_goal', 'set_goal', 'wait'];

/** The line of a finished item, or null for what a transcript leaves out. */
export function itemLine(view: View, data: EventData): TranscriptLine | null {
  const itemId = data.text('itemId') ?? '';
  switch (data.text('itemType')) {
    case 'plan':
    case 'agentMessage': {
      const text = clean(view.saying.get(itemId) ?? data.text('title') ?? '').trim();
      return text === '' ? null : { kind: 'say', text };
    }
    case 'userMessage':
      return { kind: 'info', text: `you: ${oneLine(data.text('title') ?? '')}` };
    case 'commandExecution':
      return commandLine(data);
    case 'contextCompaction':
      return { kind: 'info', text: 'made room: the older conversation is now a summary' };
    case 'fileChange':
      return patchLine(data);
    case 'dynamicToolCall':
      return callLine(data, view.details.get(itemId));
    case 'mcpToolCall':
      return callLine(data, `${data.text('server') ?? '?'}: ${data.text('tool') ?? '?'}`);
    default:
      return null;
  }
}

/** Files a finished item changed. */
export function changedFiles(data: EventData): readonly string[] {
  if (data.text('itemType') !== 'fileChange' || data.text('status') !== 'completed') return [];
  return data.list('files').flatMap((file) => file.text('path') ?? []);
}

function commandLine(data: EventData): TranscriptLine {
  const exitCode = data.number('exitCode');
  const durationMs = data.number('durationMs');
  const facts = [
    exitCode === 0 ? null : exitCode === null ? runStatus(data) : `exit ${String(exitCode)}`,
    durationMs === null ? null : formatDuration(durationMs),
  ].filter((fact) => fact !== null);
  const command = oneLine(data.text('title') ?? 'command');
  // Only what went on in the background is done without an exit code.
  if (exitCode === null && data.text('status') === 'completed') {
    return { kind: 'info', text: `${command}  (in the background)` };
  }
  return {
    kind: exitCode === 0 ? 'ok' : 'fail',
    text: facts.length === 0 ? command : `${command}  (${facts.join(', ')})`,
  };
}

function runStatus(data: EventData): string {
  return data.text('status') === 'declined' ? 'not run' : 'stopped';
}

function patchLine(data: EventData): TranscriptLine {
  const files = data.list('files').map((file) => {
    const counts = `+${String(file.number('insertions') ?? 0)} −${String(file.number('deletions') ?? 0)}`;
    return `${oneLine(file.text('path') ?? '?')} ${counts}`;
  });
  const applied = data.text('status') === 'completed';
  const what = files.length === 0 ? 'patch' : `patch ${files.join(', ')}`;
  return applied ? { kind: 'ok', text: what } : { kind: 'fail', text: `${what}  (not applied)` };
}

function callLine(data: EventData, detail: string | undefined): TranscriptLine | null {
  const tool = data.text('tool') ?? 'tool';
  const failed = data.text('status') === 'failed';
  if (!failed && QUIET_TOOLS.includes(tool)) return null;
  const text = oneLine(detail ?? tool);
  if (failed && tool === 'set_goal') return { kind: 'warn', text: `${text}  (refused)` };
  return failed ? { kind: 'fail', text: `${text}  (failed)` } : { kind: 'info', text };
}
