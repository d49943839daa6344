import { configSchema, type Config, type ConfigInput } from '@goald/protocol';
import { createModel } from '@goald/server/agent/models/create-model.js';
import type { Clock } from '@goald/server/engine/ports/clock.js';
import {
  ModelError,
  type AgentModel,
  type ModelEvent,
  type ModelRequest,
} from '@goald/server/engine/ports/model.js';

/** Real time. */
export const wallClock: Clock = {
  now: () => Date.now(),
  uptime: () => performance.now(),
  schedule: (atMs, callback) => {
    const timer = setTimeout(callback, Math.max(0, atMs - Date.now()));
    return {
      [Symbol.dispose]: () => {
        clearTimeout(timer);
      },
    };
  },
};

export function modelConfig(input: ConfigInput['model']): Config['model'] {
  return configSchema.parse({ model: input }).model;
}

export function modelAt(
  baseUrl: string,
  input: NonNullable<ConfigInput['model']> = {},
  apiKey?: string,
): AgentModel {
  return createModel({ config: modelConfig({ baseUrl, ...input }), apiKey, clock: wallClock });
}

export function modelRequest(changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'gpt-5.1-codex',
    instructions: 'Be brief.',
    tools: [
      {
        name: 'shell',
        description: 'Runs a command.',
        parameters: { type: 'object', properties: { command: { type: 'string' } } },
      },
    ],
    history: [{ kind: 'user', text: 'Hello' }],
    steering: 'Goal: greet.',
    serviceTier: 'default',
    maxOutputTokens: 1000,
    cacheKey: 'thread-1',
    ...changes,
  };
}

/** Every event of a stream. */
export async function eventsOf(
  model: AgentModel,
  request: ModelRequest = modelRequest(),
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(request, signal)) events.push(event);
  return events;
}

/** The ModelError a stream fails with. */
export async function failureOf(
  model: AgentModel,
  request: ModelRequest = modelRequest(),
): Promise<ModelError> {
  try {
    await eventsOf(model, request);
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error('the stream did not fail');
}

/** Events without the deltas. */
export function whole(events: readonly ModelEvent[]): readonly ModelEvent[] {
  return events.filter((event) => !event.type.endsWith('Delta'));
}
