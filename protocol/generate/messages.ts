import { notifications, requests, serverRequests, type Message } from '@goald/protocol';
import type { JsonObject } from './json.js';
import { convert, pascalCase, type Converted } from './json-schema.js';

/** One message of the registry with its schemas. `result` is null for a notification. */
export interface MessageSchemas {
  readonly name: string;
  readonly message: Message;
  readonly params: Converted;
  readonly result: Converted | null;
}

/** Every message, in the order of the registry: requests of clients, those of the daemon, then notifications. */
export function allMessages(): readonly MessageSchemas[] {
  return [
    ...Object.entries(requests),
    ...Object.entries(serverRequests),
    ...Object.entries(notifications),
  ].map(([key, message]: [string, Message]) => {
    // The sender may leave defaults out; what goald itself sends has them filled in.
    const fromClient = message.direction === 'clientToServer';
    return {
      name: pascalCase(key),
      message,
      params: convert(message.params, fromClient ? 'input' : 'output'),
      result:
        message.kind === 'request'
          ? convert(message.result, fromClient ? 'output' : 'input')
          : null,
    };
  });
}

/** Every schema by its name: the components the messages refer to, then the messages' own. */
export function namedSchemas(
  messages: readonly MessageSchemas[],
): Readonly<Record<string, JsonObject>> {
  const parts = messages.flatMap(({ name, params, result }): [string, Converted][] => [
    [`${name}Params`, params],
    ...(result === null ? [] : [[`${name}Result`, result] satisfies [string, Converted]]),
  ]);
  const components = parts.flatMap(([, { defs }]) => Object.entries(defs));
  return Object.fromEntries([
    ...components.sort(([a], [b]) => (a < b ? -1 : 1)),
    ...parts.map(([name, { schema }]): [string, JsonObject] => [name, schema]),
  ]);
}
