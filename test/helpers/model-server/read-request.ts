import { listOf, objectOf, textOf, type Json } from './json.js';
import type { InputItem } from './types.js';

/** The parts of a request body that both APIs have. */
export interface ReadBody {
  readonly model: string;
  readonly instructions: string;
  readonly input: readonly InputItem[];
  readonly steering: string | null;
  readonly toolNames: readonly string[];
}

/** Reads a Responses body. Steering is a developer message at the tail. */
export function readResponsesBody(body: Json): ReadBody {
  const items = listOf(body['input']).map((item) => responsesItem(objectOf(item)));
  const last = items.at(-1);
  const steered = last?.type === 'message' && last.role === 'developer';
  return {
    model: textOf(body['model']),
    instructions: textOf(body['instructions']),
    input: steered ? items.slice(0, -1) : items,
    steering: steered ? last.text : null,
    toolNames: listOf(body['tools']).map((tool) => textOf(objectOf(tool)['name'])),
  };
}

/** Reads a Chat Completions body. Steering is a user message in goald_note tags at the tail. */
export function readChatBody(body: Json): ReadBody {
  const messages = listOf(body['messages']).map(objectOf);
  const [first, ...rest] = messages;
  const system = first?.['role'] === 'system';
  const items = (system ? rest : messages).flatMap(chatItems);
  const last = items.at(-1);
  const note = last?.type === 'message' && last.role === 'user' ? NOTE.exec(last.text) : null;
  return {
    model: textOf(body['model']),
    instructions: system ? contentText(first['content']) : '',
    input: note === null ? items : items.slice(0, -1),
    steering: note?.[1] ?? null,
    toolNames: listOf(body['tools']).map((tool) =>
      textOf(objectOf(objectOf(tool)['function'])['name']),
    ),
  };
}

const NOTE = /^<goald_note>\n[^\n]*\n(.*)\n<\/goald_note>$/s;

function responsesItem(item: Json): InputItem {
  switch (item['type']) {
    case 'reasoning':
      return { type: 'reasoning', id: textOf(item['id']) };
    case 'function_call':
      return call(item['call_id'], item['name'], item['arguments']);
    case 'function_call_output':
      return output(item['call_id'], item['output']);
    default:
      return { type: 'message', role: textOf(item['role']), text: contentText(item['content']) };
  }
}

function chatItems(message: Json): readonly InputItem[] {
  const text = contentText(message['content']);
  if (message['role'] === 'tool') return [output(message['tool_call_id'], text)];
  const calls = listOf(message['tool_calls']).map((value) => {
    const body = objectOf(objectOf(value)['function']);
    return call(objectOf(value)['id'], body['name'], body['arguments']);
  });
  const said: InputItem = { type: 'message', role: textOf(message['role']), text };
  return text === '' && calls.length > 0 ? calls : [said, ...calls];
}

function call(callId: unknown, name: unknown, args: unknown): InputItem {
  return {
    type: 'call',
    callId: textOf(callId),
    name: textOf(name),
    arguments: textOf(args),
  };
}

function output(callId: unknown, text: unknown): InputItem {
  return { type: 'output', callId: textOf(callId), output: contentText(text) };
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => textOf(objectOf(part)['text']))
    .join('');
}
