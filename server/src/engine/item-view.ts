import {
  commandOf,
  type FileUpdateChange,
  type ThreadItem,
  type UserInput,
  wordsOf,
} from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import { commandActions, shellInvocation } from './command-actions.js';
import type { ToolDisplay, ToolResult } from './ports/tools.js';

const TITLE_CHARS = 200;

export function userMessageItem(content: UserInput[], clientId: string | null): ThreadItem {
  return { type: 'userMessage', id: uuid(), clientId, content };
}

export function agentMessageItem(id: string, text: string): ThreadItem {
  return {
    type: 'agentMessage',
    id,
    text,
    phase: null,
    moderation: null,
    memoryCitation: null,
    delivery: null,
    questions: null,
  };
}

export function reasoningItem(id: string, summary: readonly string[]): ThreadItem {
  return { type: 'reasoning', id, summary: [...summary], content: [] };
}

export function planItem(id: string, text: string): ThreadItem {
  return { type: 'plan', id, text };
}

/** The item of a tool call that has not run yet. */
export function toolItem(id: string, display: ToolDisplay): ThreadItem {
  switch (display.kind) {
    case 'command':
      return {
        type: 'commandExecution',
        id,
        pluginId: null,
        scriptPath: null,
        command: shellInvocation(display.command),
        cwd: display.cwd,
        processId: null,
        source: 'agent',
        status: 'inProgress',
        commandActions: commandActions(display.command, display.cwd),
        aggregatedOutput: null,
        exitCode: null,
        durationMs: null,
      };
    case 'fileChange':
      return { type: 'fileChange', id, changes: [...display.changes], status: 'inProgress' };
    case 'call':
      return {
        type: 'dynamicToolCall',
        id,
        namespace: null,
        tool: display.tool,
        arguments: display.arguments,
        status: 'inProgress',
        contentItems: null,
        success: null,
        durationMs: null,
      };
    case 'mcp':
      return {
        type: 'mcpToolCall',
        id,
        server: display.server,
        tool: display.tool,
        status: 'inProgress',
        arguments: display.arguments,
        appContext: null,
        mcpAppUi: null,
        pluginId: null,
        readOnlyHint: display.readOnlyHint,
        result: null,
        error: null,
        durationMs: null,
      };
  }
}

/** The same item after the call ran, or was not run (`declined`). */
export function finishedToolItem(
  item: ThreadItem,
  result: ToolResult,
  options: { durationMs: number; ran: boolean },
): ThreadItem {
  const failed = options.ran ? 'failed' : 'declined';
  switch (item.type) {
    case 'commandExecution':
      return {
        ...item,
        status: result.success ? 'completed' : failed,
        aggregatedOutput: result.command?.output ?? result.output,
        exitCode: result.command?.exitCode ?? null,
        durationMs: result.command?.durationMs ?? options.durationMs,
        processId: result.command?.processId == null ? null : String(result.command.processId),
      };
    case 'fileChange':
      return {
        ...item,
        changes: [...(result.changes ?? item.changes)],
        status: result.success ? 'completed' : failed,
      };
    case 'dynamicToolCall':
      return {
        ...item,
        status: result.success ? 'completed' : 'failed',
        contentItems: [{ type: 'inputText', text: result.output }],
        success: result.success,
        durationMs: options.durationMs,
      };
    case 'mcpToolCall': {
      const answer = result.mcp ?? null;
      return {
        ...item,
        status: result.success ? 'completed' : 'failed',
        result: answer === null ? null : { ...answer, content: [...answer.content] },
        error: answer === null ? { message: result.output } : null,
        durationMs: options.durationMs,
      };
    }
    case 'userMessage':
    case 'agentMessage':
    case 'reasoning':
    case 'plan':
    case 'contextCompaction':
      return item;
  }
}

/** What the event log keeps of an item: enough for a line of a transcript. */
export function itemEventData(item: ThreadItem): Record<string, unknown> {
  const base = { itemId: item.id, itemType: item.type };
  switch (item.type) {
    case 'userMessage':
      return { ...base, title: shorten(wordsOf(item.content)) };
    case 'agentMessage':
    case 'plan':
      return { ...base, title: shorten(item.text) };
    case 'reasoning':
      return { ...base, title: shorten(item.summary.join('\n')) };
    case 'commandExecution':
      return {
        ...base,
        title: shorten(commandOf(item)),
        status: item.status,
        exitCode: item.exitCode,
        durationMs: item.durationMs,
      };
    case 'fileChange':
      return { ...base, status: item.status, files: item.changes.map(fileLine) };
    case 'contextCompaction':
      return base;
    case 'mcpToolCall':
      return {
        ...base,
        server: item.server,
        tool: item.tool,
        status: item.status,
        durationMs: item.durationMs,
      };
    case 'dynamicToolCall':
      return { ...base, tool: item.tool, status: item.status, durationMs: item.durationMs };
  }
}

function fileLine(change: FileUpdateChange): Record<string, unknown> {
  const { path, kind } = change;
  const lines = change.diff.split('\n');
  const marked = (mark: string): number =>
    lines.filter((line) => line.startsWith(mark) && !line.startsWith(mark.repeat(3))).length;
  const whole = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  switch (kind.type) {
    case 'add':
      return { path, kind: kind.type, insertions: whole, deletions: 0 };
    case 'delete':
      return { path, kind: kind.type, insertions: 0, deletions: whole };
    case 'update':
      return { path, kind: kind.type, insertions: marked('+'), deletions: marked('-') };
  }
}

function shorten(text: string): string {
  return text.length > TITLE_CHARS ? `${text.slice(0, TITLE_CHARS)}…` : text;
}
