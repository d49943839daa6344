import {
  configSchema,
  ERROR_CODES,
  notifications,
  requests,
  serverRequests,
} from '@goald/protocol';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSchemaObject, SCHEMAS } from './example-files.js';

const ajv = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  strictRequired: false,
  formats: { uri: (text: string) => URL.canParse(text) },
});

const pascal = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);

describe('schemas/messages', () => {
  const files = readdirSync(join(SCHEMAS, 'messages'));

  it('has params and result of every request, and params of every notification', () => {
    const expected = [
      ...Object.keys({ ...requests, ...serverRequests }).flatMap((key) => [
        `${pascal(key)}Params`,
        `${pascal(key)}Result`,
      ]),
      ...Object.keys(notifications).map((key) => `${pascal(key)}Params`),
    ].map((name) => `${name}.json`);
    expect([...files].sort()).toEqual(expected.sort());
  });

  it.each(files)('%s is a JSON Schema 2020-12 that stands alone, with its own name', (file) => {
    const schema = readSchemaObject(`messages/${file}`);
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `urn:goald:schema:messages:${file.replace('.json', '')}`,
      title: expect.any(String) as unknown,
      description: expect.any(String) as unknown,
    });
    expect(() => ajv.compile(schema)).not.toThrow();
  });

  it('no object is closed: readers take fields they do not know', () => {
    const text = files.map((file) => JSON.stringify(readSchemaObject(`messages/${file}`))).join();
    expect(text).not.toContain('"additionalProperties":false');
  });
});

describe('schemas/config.schema.json', () => {
  const validate = ajv.compile(readSchemaObject('config.schema.json'));

  it('takes an empty file and a full one', () => {
    expect(validate({})).toBe(true);
    expect(validate(configSchema.parse({}))).toBe(true);
    expect(
      validate({
        $schema: './config.schema.json',
        model: { baseUrl: 'http://127.0.0.1:8080/v1', wireApi: 'chat' },
        engine: { noProgressDelaysMs: [0] },
      }),
    ).toBe(true);
  });

  it.each([
    { model: { wireApi: 'soap' } },
    { model: { baseUrl: 'not a url' } },
    { limits: { maxTurns: 0 } },
    { limits: { timeBudgetSeconds: 43_201 } },
    { engine: { noProgressDelaysMs: [] } },
    { log: { level: 'loud' } },
    { restartPolicy: true },
  ])('refuses %j, as the daemon does', (config) => {
    expect(validate(config)).toBe(false);
    expect(configSchema.safeParse(config).success).toBe(false);
  });
});

describe('schemas/errors.json', () => {
  it('has every code with its number and a sentence', () => {
    const errors = readSchemaObject('errors.json');
    expect(Object.keys(errors)).toEqual(Object.keys(ERROR_CODES));
    for (const [code, number] of Object.entries(ERROR_CODES)) {
      expect(errors[code]).toEqual({
        code: number,
        message: expect.stringMatching(/^\p{Lu}.*\.$/u) as unknown,
        data: { code },
      });
    }
  });
});
