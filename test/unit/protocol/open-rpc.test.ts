import { notifications, requests, serverRequests, type Message } from '@goald/protocol';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readSchema } from './example-files.js';

// The parts of the OpenRPC 1.3 meta-schema that this document uses, closed: a misspelt field is noticed.
const refOrSchema = z.record(z.string(), z.unknown());
const descriptor = z.strictObject({
  name: z.string().min(1),
  required: z.boolean(),
  schema: refOrSchema,
});
const error = z.strictObject({
  code: z.number().int(),
  message: z.string().min(1),
  data: z.unknown(),
});
const extensions = {
  'x-direction': z.enum(['clientToServer', 'serverToClient']),
  'x-params': z.strictObject({ $ref: z.string() }),
};
const method = z.strictObject({
  name: z.string().min(1),
  summary: z.string().min(1),
  paramStructure: z.literal('by-name'),
  params: z.array(descriptor),
  result: descriptor.optional(),
  errors: z.array(error).optional(),
  'x-errorCodes': z.array(z.string()).optional(),
  'x-mutation': z.boolean().optional(),
  ...extensions,
});
const documentSchema = z.strictObject({
  openrpc: z.string().regex(/^1\.3\.\d+$/),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string() }),
  }),
  methods: z.array(method),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[A-Za-z0-9]+$/), refOrSchema),
    errors: z.record(z.string(), error),
  }),
});

const document = documentSchema.parse(readSchema('openrpc.json'));
const all: readonly Message[] = [
  ...Object.values(requests),
  ...Object.values(serverRequests),
  ...Object.values(notifications),
];

describe('openrpc.json', () => {
  it('has every message once, in the order of the registry', () => {
    expect(document.methods.map(({ name }) => name)).toEqual(all.map(({ method: name }) => name));
  });

  it.each(all)(
    '$method: its summary, direction, result and errors are those of the registry',
    (message) => {
      const entry = document.methods.find(({ name }) => name === message.method);
      expect(entry).toMatchObject({ summary: message.summary, 'x-direction': message.direction });
      expect(entry?.result === undefined).toBe(message.kind === 'notification');
      if (message.kind === 'notification') return;
      expect(entry?.['x-mutation']).toBe(message.mutation);
      expect(entry?.['x-errorCodes']).toEqual(expect.arrayContaining([...message.errors]));
    },
  );

  it('names a parameter once, required ones as such', () => {
    const set = document.methods.find(({ name }) => name === requests.threadGoalSet.method);
    const params = set?.params ?? [];
    expect(params.filter(({ required }) => required).map(({ name }) => name)).toEqual(['threadId']);
    expect(new Set(params.map(({ name }) => name)).size).toBe(params.length);
  });

  it('has one error a number, as OpenRPC asks, with the string codes under data.code', () => {
    for (const { errors } of document.methods) {
      const numbers = (errors ?? []).map(({ code }) => code);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });

  it('every reference leads somewhere, and every component is reached', () => {
    const references = new Set(
      JSON.stringify(document).match(/#\/components\/schemas\/[A-Za-z0-9]+/g),
    );
    const names = Object.keys(document.components.schemas).map(
      (name) => `#/components/schemas/${name}`,
    );
    expect([...references].sort()).toEqual(names.sort());
  });

  it('every component compiles as JSON Schema', () => {
    const names = Object.keys(document.components.schemas);
    const inDefs = JSON.stringify(document.components.schemas).replaceAll(
      '#/components/schemas/',
      '#/$defs/',
    );
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
    const validate = ajv.compile({
      $defs: JSON.parse(inDefs) as unknown,
      anyOf: names.map((name) => ({ $ref: `#/$defs/${name}` })),
    });
    expect(validate('no message')).toBe(false);
  });
});
