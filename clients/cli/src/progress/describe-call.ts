import { commandOf, type ThreadItem } from '@goald/protocol';
import { oneLine } from '../output/text.js';
import { EventData } from './event-data.js';

const THINKING = 'thinking';
const WRITING = 'writing';

/** True for a label of what is only thought or said, not done. */
export function isThought(label: string): boolean {
  return label === THINKING || label === WRITING;
}

/** What an item is about, in a few words: the command, the files, the tool and what it looks at. null for what is only said. */
export function describeItem(item: ThreadItem): string | null {
  switch (item.type) {
    case 'commandExecution':
      return oneLine(commandOf(item));
    case 'fileChange':
      return `patch ${item.changes.map((change) => oneLine(change.path)).join(', ')}`;
    case 'dynamicToolCall':
      return describeCall(item.tool, item.arguments);
    case 'mcpToolCall':
      return oneLine(`${item.server}: ${item.tool}`);
    case 'reasoning':
      return THINKING;
    case 'agentMessage':
    case 'plan':
      return WRITING;
    case 'contextCompaction':
      return 'making room: summing up the conversation';
    case 'userMessage':
      return null;
  }
}

function describeCall(tool: string, args: unknown): string {
  const data = new EventData(args);
  const about =
    data.text('path') ?? data.text('pattern') ?? data.text('status') ?? data.text('process_id');
  return oneLine(about === null ? tool : `${tool} ${about}`);
}
