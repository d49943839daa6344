import {
  configSchema,
  projectSettingsSchema,
  PROTOCOL_VERSION,
  type Message,
} from '@goald/protocol';
import { errorObjects } from './error-meanings.js';
import { exampleFiles } from './examples/index.js';
import type { JsonObject } from './json.js';
import { convert, DIALECT, pascalCase, type Converted } from './json-schema.js';
import { allMessages, namedSchemas, type MessageSchemas } from './messages.js';
import { openRpc } from './open-rpc.js';

/** Every generated file: its path inside schemas/, and its text. The same protocol gives the same bytes. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const messages = allMessages();
  const files: [string, unknown][] = [
    ...messages.flatMap(messageFiles),
    ['goald.schema.json', bundle(messages)],
    ['openrpc.json', openRpc(messages)],
    ['errors.json', errorObjects()],
    [
      'config.schema.json',
      standalone(
        'config',
        'goald configuration',
        'config.json of goald. JSON with comments; every field is optional.',
        convert(configSchema, 'input'),
      ),
    ],
    [
      'project.schema.json',
      standalone(
        'project',
        'goald project settings',
        '.goald/config.json of a repository, read while its folder is trusted. JSON with comments; every field is optional.',
        convert(projectSettingsSchema, 'input'),
      ),
    ],
    ...exampleFiles(),
  ];
  return new Map(files.map(([path, value]) => [path, `${JSON.stringify(value, null, 2)}\n`]));
}

function messageFiles({ name, message, params, result }: MessageSchemas): [string, JsonObject][] {
  const file = (suffix: string, title: string, converted: Converted): [string, JsonObject] => [
    `messages/${pascalCase(name)}${suffix}.json`,
    standalone(`messages:${name}${suffix}`, title, message.summary, converted),
  ];
  return [
    file('Params', `${message.method} params`, params),
    ...(result === null ? [] : [file('Result', `${message.method} result`, result)]),
  ];
}

function standalone(
  id: string,
  title: string,
  description: string,
  { schema, defs }: Converted,
): JsonObject {
  return {
    $schema: DIALECT,
    $id: `urn:goald:schema:${id}`,
    title,
    description,
    ...schema,
    ...(Object.keys(defs).length === 0 ? {} : { $defs: defs }),
  };
}

/** One schema with all of them under $defs; the whole accepts any message by its method. */
function bundle(messages: readonly MessageSchemas[]): JsonObject {
  return {
    $schema: DIALECT,
    $id: 'urn:goald:schema:bundle',
    title: 'goald protocol',
    description: `Every message of version ${PROTOCOL_VERSION}. Without $defs: any request or notification.`,
    oneOf: messages.map(({ name, message, params }) => envelope(name, message, params)),
    $defs: namedSchemas(messages),
  };
}

function envelope(name: string, message: Message, params: Converted): JsonObject {
  const needsParams =
    Array.isArray(params.schema['required']) && params.schema['required'].length > 0;
  return {
    title: message.method,
    type: 'object',
    properties: {
      jsonrpc: { const: '2.0' },
      ...(message.kind === 'request' ? { id: { type: ['string', 'number'] } } : {}),
      method: { const: message.method },
      params: { $ref: `#/$defs/${name}Params` },
    },
    required: [
      ...(message.kind === 'request' ? ['id'] : []),
      'method',
      ...(needsParams ? ['params'] : []),
    ],
  };
}
