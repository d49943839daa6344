import type { OpenAI } from 'openai';
import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from 'openai/resources/chat/completions';
import type { ModelRequest, ToolSpec } from '../../engine/ports/model.js';
import { cacheKeyOf } from './cache-key.js';
import { chatMessages } from './chat-messages.js';
import { ChatReader } from './chat-reader.js';
import type { RequestStyle, WireDialect } from './openai-model.js';
import type { OptionalParameter } from './refused-parameters.js';

/** The streaming Chat Completions API, as OpenAI and most other servers speak it. */
export const chatDialect: WireDialect = {
  open: (client: OpenAI, request, style, signal) =>
    client.chat.completions.create(chatBody(request, style), { signal }),
  reader: () => new ChatReader(),
};

// What changes from request to request stands last, so that the bytes before it stay the same.
function chatBody(request: ModelRequest, style: RequestStyle): ChatCompletionCreateParamsStreaming {
  const takes = (name: OptionalParameter): boolean => !style.refused.has(name);
  const cacheKey = style.isOpenAi && takes('prompt_cache_key');
  const effort =
    style.reasoningEffort === undefined ? {} : { reasoning_effort: style.reasoningEffort };
  const limit = style.isOpenAi
    ? { max_completion_tokens: request.maxOutputTokens }
    : { max_tokens: request.maxOutputTokens };
  const body: ChatCompletionCreateParamsStreaming = {
    model: request.model,
    stream: true,
    ...(takes('stream_options') ? { stream_options: { include_usage: true } } : {}),
    ...(request.serviceTier === 'priority' && takes('service_tier')
      ? { service_tier: 'priority' }
      : {}),
    ...(cacheKey ? { prompt_cache_key: cacheKeyOf(request.cacheKey) } : {}),
    ...(request.tools.length > 0 ? { tools: request.tools.map(toolOf) } : {}),
    messages: messagesOf(request),
    ...limit,
  };
  // Servers other than OpenAI's name efforts of their own, so any word is passed on.
  return Object.assign(body, effort);
}

function messagesOf(request: ModelRequest): ChatCompletionMessageParam[] {
  const messages: ChatCompletionMessageParam[] = [
    { role: 'system', content: request.instructions },
    ...chatMessages(request.history),
  ];
  if (request.steering !== null) {
    // Not every server takes a system message at the tail, so the words say whose they are.
    messages.push({
      role: 'user',
      content: `<goald_note>\nFrom the goald daemon, not from the user.\n${request.steering}\n</goald_note>`,
    });
  }
  return messages;
}

function toolOf(tool: ToolSpec): ChatCompletionTool {
  return {
    type: 'function',
    function: { name: tool.name, description: tool.description, parameters: tool.parameters },
  };
}
