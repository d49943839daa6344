import { PROTOCOL_VERSION } from '@goald/protocol';
import { codesOf, errorObjects, groupByNumber } from './error-meanings.js';
import { objectOrEmpty, mapRefs, type JsonObject } from './json.js';
import type { Converted } from './json-schema.js';
import { namedSchemas, type MessageSchemas } from './messages.js';

/** The OpenRPC 1.3 document. Notifications have no result; `x-direction` says who sends a message. */
export function openRpc(messages: readonly MessageSchemas[]): JsonObject {
  return {
    openrpc: '1.3.2',
    info: {
      title: 'goald',
      version: PROTOCOL_VERSION,
      description:
        'JSON-RPC 2.0 over WebSocket, WebSocket on a Unix socket, and stdio. Send initialize first.',
      license: { name: 'MIT' },
    },
    methods: messages.map(method),
    components: {
      schemas: componentSchemas(messages),
      errors: errorObjects(),
    },
  };
}

function method({ name, message, params, result }: MessageSchemas): JsonObject {
  const request: JsonObject =
    message.kind === 'request' && result !== null
      ? {
          result: { name: `${name}Result`, required: true, schema: componentRef(`${name}Result`) },
          errors: groupByNumber(codesOf(message.errors)),
          'x-errorCodes': codesOf(message.errors),
          'x-mutation': message.mutation,
        }
      : {};
  return {
    name: message.method,
    summary: message.summary,
    paramStructure: 'by-name',
    params: parameters(params),
    ...request,
    'x-direction': message.direction,
    'x-params': componentRef(`${name}Params`),
  };
}

/** OpenRPC lists parameters one by one; what binds several of them stands in the schema of `x-params`. */
function parameters({ schema }: Converted): readonly JsonObject[] {
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(objectOrEmpty(schema['properties'])).map(([name, value]) => ({
    name,
    required: required.includes(name),
    schema: withComponentRefs(objectOrEmpty(value)),
  }));
}

function componentSchemas(messages: readonly MessageSchemas[]): JsonObject {
  return Object.fromEntries(
    Object.entries(namedSchemas(messages)).map(([name, schema]) => [
      name,
      withComponentRefs(schema),
    ]),
  );
}

function withComponentRefs(schema: JsonObject): JsonObject {
  return mapRefs(schema, (name) => componentRef(name).$ref);
}

function componentRef(name: string): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
