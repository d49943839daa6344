import type { OpenAI } from 'openai';
import type {
  FunctionTool,
  ResponseCreateParamsStreaming,
  ResponseInputContent,
  ResponseInputItem,
  ResponseReasoningItem,
} from 'openai/resources/responses/responses';
import type { Reasoning } from 'openai/resources/shared';
import type { HistoryEntry, ModelRequest, ToolSpec } from '../../engine/ports/model.js';
import { cacheKeyOf } from './cache-key.js';
import { completeHistory } from './complete-history.js';
import { isObject } from './json.js';
import type { RequestStyle, WireDialect } from './openai-model.js';
import { EARLIER_REASONING, type OptionalParameter } from './refused-parameters.js';
import { ResponsesReader } from './responses-reader.js';
import { sendableCall } from './sendable-call.js';

/** The streaming Responses API, without state at the provider. */
export const responsesDialect: WireDialect = {
  open: (client: OpenAI, request, style, signal) =>
    client.responses.create(responsesBody(request, style), { signal }),
  reader: () => new ResponsesReader(),
};

// What changes from request to request stands last, so that the bytes before it stay the same.
function responsesBody(request: ModelRequest, style: RequestStyle): ResponseCreateParamsStreaming {
  const takes = (name: OptionalParameter): boolean => !style.refused.has(name);
  const reasons = style.reasoningEffort !== undefined || isReasoningModel(request.model);
  return {
    model: request.model,
    stream: true,
    store: false,
    ...(reasons && takes('include') ? { include: ['reasoning.encrypted_content'] } : {}),
    ...(takes('prompt_cache_key') ? { prompt_cache_key: cacheKeyOf(request.cacheKey) } : {}),
    ...(request.serviceTier === 'priority' && takes('service_tier')
      ? { service_tier: 'priority' }
      : {}),
    ...(reasons ? { reasoning: reasoningOf(style) } : {}),
    instructions: request.instructions,
    ...toolsOf(request.tools, takes('parallel_tool_calls')),
    input: inputOf(request, style),
    max_output_tokens: request.maxOutputTokens,
  };
}

function reasoningOf(style: RequestStyle): Reasoning {
  const reasoning: Reasoning = style.refused.has('reasoning.summary') ? {} : { summary: 'auto' };
  if (style.reasoningEffort === undefined) return reasoning;
  // Servers other than OpenAI's name efforts of their own, so any word is passed on.
  return Object.assign(reasoning, { effort: style.reasoningEffort });
}

function toolsOf(
  tools: readonly ToolSpec[],
  parallel: boolean,
): Pick<ResponseCreateParamsStreaming, 'tools' | 'parallel_tool_calls'> {
  if (tools.length === 0) return {};
  return { tools: tools.map(toolOf), ...(parallel ? { parallel_tool_calls: true } : {}) };
}

function toolOf(tool: ToolSpec): FunctionTool {
  return {
    type: 'function',
    name: tool.name,
    description: tool.description,
    parameters: tool.parameters,
    strict: false,
  };
}

function inputOf(request: ModelRequest, style: RequestStyle): ResponseInputItem[] {
  const withReasoning = !style.refused.has(EARLIER_REASONING);
  const input = completeHistory(request.history).flatMap((entry) => itemOf(entry, withReasoning));
  if (request.steering !== null) {
    input.push({ type: 'message', role: 'developer', content: request.steering });
  }
  return input;
}

function itemOf(entry: HistoryEntry, withReasoning: boolean): ResponseInputItem[] {
  switch (entry.kind) {
    case 'user':
      return [{ type: 'message', role: 'user', content: contentOf(entry) }];
    case 'assistant':
      return [{ type: 'message', role: 'assistant', content: entry.text }];
    case 'reasoning':
      return withReasoning && isReasoningItem(entry.opaque) ? [entry.opaque] : [];
    case 'toolCall':
      return [{ type: 'function_call', call_id: entry.callId, ...sendableCall(entry) }];
    case 'toolOutput':
      return [{ type: 'function_call_output', call_id: entry.callId, output: entry.output }];
  }
}

/** Text alone stays a text, so that its bytes are what they always were. */
function contentOf({
  text,
  images = [],
}: Extract<HistoryEntry, { kind: 'user' }>): string | ResponseInputContent[] {
  if (images.length === 0) return text;
  return [
    ...(text === '' ? [] : [{ type: 'input_text' as const, text }]),
    ...images.map(({ url, detail = 'auto' }) => ({
      type: 'input_image' as const,
      image_url: url,
      detail,
    })),
  ];
}

function isReasoningItem(value: unknown): value is ResponseReasoningItem {
  return isObject(value) && value['type'] === 'reasoning' && Array.isArray(value['summary']);
}

// These families of OpenAI's refuse every parameter about reasoning.
function isReasoningModel(name: string): boolean {
  return !/^(?:gpt-3|gpt-4|chatgpt-)|-chat\b/i.test(name);
}
