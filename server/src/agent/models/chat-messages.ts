import type {
  ChatCompletionAssistantMessageParam,
  ChatCompletionContentPart,
  ChatCompletionMessageFunctionToolCall,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { HistoryEntry } from '../../engine/ports/model.js';
import { completeHistory } from './complete-history.js';
import { sendableCall } from './sendable-call.js';

/** One model response: in the history its parts may be interleaved with the outputs of its calls. */
interface Response {
  readonly id: string;
  readonly texts: string[];
  readonly calls: ChatCompletionMessageFunctionToolCall[];
  readonly outputs: Map<string, string>;
}

type Block = { readonly user: string | ChatCompletionContentPart[] } | Response;

/** The history as chat messages: one assistant message a response, then one tool message a call, in the order of the calls. */
export function chatMessages(history: readonly HistoryEntry[]): ChatCompletionMessageParam[] {
  const blocks: Block[] = [];
  const callers = new Map<string, Response>();
  let latest: Response | undefined;
  const responseOf = (id: string): Response => {
    if (latest?.id === id) return latest;
    latest = { id, texts: [], calls: [], outputs: new Map() };
    blocks.push(latest);
    return latest;
  };
  for (const entry of completeHistory(history)) {
    switch (entry.kind) {
      case 'user':
        blocks.push({ user: contentOf(entry) });
        break;
      case 'assistant':
        responseOf(entry.responseId).texts.push(entry.text);
        break;
      case 'toolCall': {
        const response = responseOf(entry.responseId);
        response.calls.push(callOf(entry));
        callers.set(entry.callId, response);
        break;
      }
      case 'toolOutput':
        callers.get(entry.callId)?.outputs.set(entry.callId, entry.output);
        break;
      case 'reasoning':
        break;
    }
  }
  return blocks.flatMap((block) =>
    'user' in block ? [{ role: 'user', content: block.user }] : messagesOf(block),
  );
}

/** Text alone stays a text: many servers take nothing else. */
function contentOf({
  text,
  images = [],
}: Extract<HistoryEntry, { kind: 'user' }>): string | ChatCompletionContentPart[] {
  if (images.length === 0) return text;
  return [
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...images.map(({ url, detail }) => ({
      type: 'image_url' as const,
      image_url: detail === undefined ? { url } : { url, detail },
    })),
  ];
}

function callOf(
  entry: Extract<HistoryEntry, { kind: 'toolCall' }>,
): ChatCompletionMessageFunctionToolCall {
  return {
    type: 'function',
    id: entry.callId,
    function: sendableCall(entry),
  };
}

function messagesOf(response: Response): ChatCompletionMessageParam[] {
  const text = response.texts.join('\n\n');
  const message: ChatCompletionAssistantMessageParam = {
    role: 'assistant',
    content: text === '' ? null : text,
    ...(response.calls.length > 0 ? { tool_calls: response.calls } : {}),
  };
  return [
    message,
    ...response.calls.map((call): ChatCompletionMessageParam => ({
      role: 'tool',
      tool_call_id: call.id,
      content: response.outputs.get(call.id) ?? '',
    })),
  ];
}
