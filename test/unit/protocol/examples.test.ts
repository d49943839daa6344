import {
  findNotification,
  findRequest,
  findServerRequest,
  notifications,
  requests,
  serverRequests,
} from '@goald/protocol';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allExamples, readSchemaObject, SCHEMAS } from './example-files.js';

const examples = allExamples();
const accepted = examples.filter((example) => example.accepted);
const refused = examples.filter((example) => !example.accepted);
const messages = [
  ...Object.entries(requests),
  ...Object.entries(serverRequests),
  ...Object.entries(notifications),
];

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
const validators = new Map<string, ValidateFunction>(
  messages.map(([key, { method }]) => {
    const name = key.charAt(0).toUpperCase() + key.slice(1);
    return [method, ajv.compile(readSchemaObject(`messages/${name}Params.json`))];
  }),
);

/** ajv has no word for parameters left out; a message may leave out what may be null. */
function validBySchema(method: string, params: unknown): boolean {
  return validators.get(method)?.(params === undefined ? null : params) ?? false;
}

function validByZod(method: string, params: unknown): boolean {
  const message = findRequest(method) ?? findServerRequest(method) ?? findNotification(method);
  return message?.params.safeParse(params).success ?? false;
}

describe('accepted samples', () => {
  it.each(accepted)('$file is taken by the daemon', ({ method, params }) => {
    expect(validByZod(method, params)).toBe(true);
  });

  it.each(accepted)('$file fits its JSON Schema', ({ method, params }) => {
    expect(validBySchema(method, params)).toBe(true);
  });
});

describe('refused samples', () => {
  it.each(refused)('$file is refused by the daemon: $why', ({ method, params }) => {
    expect(validByZod(method, params)).toBe(false);
  });

  it.each(refused.filter(({ schemaRefuses }) => schemaRefuses))(
    '$file does not fit its JSON Schema: $why',
    ({ method, params }) => {
      expect(validBySchema(method, params)).toBe(false);
    },
  );

  it.each(refused.filter(({ schemaRefuses }) => !schemaRefuses))(
    '$file fits its JSON Schema, which cannot say: $why',
    ({ method, params }) => {
      expect(validBySchema(method, params)).toBe(true);
    },
  );
});

describe('the set of samples', () => {
  it('has an accepted one for every message', () => {
    const covered = new Set(accepted.map(({ method }) => method));
    expect(
      messages.map(([, { method }]) => method).filter((method) => !covered.has(method)),
    ).toEqual([]);
  });

  it('has two refused ones for every request', () => {
    const thin = Object.values(requests)
      .map(({ method }): string => method)
      .filter((method) => refused.filter((example) => example.method === method).length < 2);
    expect(thin).toEqual([]);
  });

  it('lists every file, and no other', () => {
    const files = readdirSync(join(SCHEMAS, 'examples'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.json') && path !== 'index.json')
      .sort();
    expect(examples.map(({ file }) => file).sort()).toEqual(files);
  });
});

describe('the bundle', () => {
  const validate = ajv.compile(readSchemaObject('goald.schema.json'));

  it.each(accepted)('takes $file as a whole message', ({ message }) => {
    expect(validate(message)).toBe(true);
  });

  it.each(refused.filter(({ schemaRefuses }) => schemaRefuses))('refuses $file', ({ message }) => {
    expect(validate(message)).toBe(false);
  });
});
