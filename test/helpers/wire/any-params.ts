import fc, { type Arbitrary } from 'fast-check';
import * as z from 'zod';

/** JSON Schema as zod writes it for parameters; only the keywords the protocol uses. */
export interface ParamsSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly ParamsSchema[];
  readonly oneOf?: readonly ParamsSchema[];
  readonly properties?: Readonly<Record<string, ParamsSchema>>;
  readonly required?: readonly string[];
  readonly items?: ParamsSchema;
  /** What stands under any other name; one without keywords takes anything. */
  readonly additionalProperties?: ParamsSchema | boolean;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Only that of an absolute path. */
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const KNOWN = new Set([
  ...['type', 'const', 'enum', 'anyOf', 'oneOf', 'properties', 'required', 'items'],
  ...['minItems', 'maxItems', 'minLength', 'maxLength', 'minimum', 'maximum', 'pattern'],
  ...['additionalProperties', 'propertyNames', 'description', 'default', '$schema'],
]);

/** The pattern of an absolute path, the only one there is. */
const ABSOLUTE = '^\\/';

/** Texts as long as a schema allows are tried up to here. */
const LONG = 10_000;

/** What a sender may write as parameters, as JSON Schema. Throws when a schema says more than can be generated here. */
export function paramsSchema(schema: z.ZodType): ParamsSchema {
  const json = z.toJSONSchema(schema, { io: 'input' });
  assertKnown(json);
  return json as ParamsSchema;
}

/** Parameters the schema takes. */
export function anyValid(schema: ParamsSchema): Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map(anyValid));
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  // A schema without a type takes anything.
  if (types.length === 0) return fc.jsonValue({ maxDepth: 3 });
  return fc.oneof(...types.map((type) => anyOfType(type, schema)));
}

function anyOfType(type: string, schema: ParamsSchema): Arbitrary<unknown> {
  const { minimum = -1e9, maximum = 1e9 } = schema;
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.oneof(
        fc.integer({ min: Math.max(minimum, -1e9), max: Math.min(maximum, 1e9) }),
        fc.constantFrom(minimum, maximum),
      );
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case 'string':
      return schema.pattern === undefined
        ? anyText(schema.minLength ?? 0, schema.maxLength ?? 300)
        : anyText(0, schema.maxLength ?? 300).map((text) => `/${text}`);
    case 'array': {
      const { minItems = 0, maxItems = 4, items = {} } = schema;
      return fc.array(anyValid(items), { minLength: minItems, maxLength: Math.min(maxItems, 4) });
    }
    case 'object': {
      const properties = Object.entries(schema.properties ?? {}).map(
        ([name, property]): [string, Arbitrary<unknown>] => [name, anyValid(property)],
      );
      const { additionalProperties: other } = schema;
      if (typeof other === 'object' && Object.keys(other).length > 0) {
        return fc.dictionary(fc.constantFrom('one', 'two'), anyValid(other), { maxKeys: 2 });
      }
      const requiredKeys = [...(schema.required ?? [])];
      const known = fc.record(Object.fromEntries(properties), { requiredKeys });
      // An unknown field is ignored.
      return fc
        .tuple(known, fc.boolean())
        .map(([value, more]) => (more ? { ...value, aFieldNobodyKnows: [{}] } : value));
    }
    default:
      throw new Error(`No arbitrary for the type ${type}.`);
  }
}

function anyText(minLength: number, maxLength: number): Arbitrary<string> {
  const options = { minLength, maxLength: Math.min(maxLength, 40) };
  // Text of blanks alone is empty to a schema that trims, which JSON Schema cannot say.
  const anything = fc
    .string({ ...options, unit: 'binary' })
    .filter((text) => minLength === 0 || text.trim() !== '')
    .filter((text) => text.length <= maxLength);
  const longest = maxLength > LONG ? [] : [`x${'é'.repeat(maxLength - 1)}`];
  return fc.oneof(anything, fc.constantFrom('x'.repeat(Math.max(1, minLength)), ...longest));
}

/** One way to spoil parameters. */
export interface Spoiled {
  readonly what: string;
  readonly params: unknown;
}

/** `params`, which fit `schema`, each time with one thing wrong: a required field left out, a value of another kind, a word no enum has. */
export function spoil(schema: ParamsSchema, params: unknown): Spoiled[] {
  const spoiled: Spoiled[] = [];
  if (!isRecord(params)) return spoiled;
  for (const name of schema.required ?? []) {
    const { [name]: _, ...rest } = params;
    spoiled.push({ what: `without ${name}`, params: rest });
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const put = (what: string, value: unknown): void => {
      spoiled.push({ what: `${name}: ${what}`, params: { ...params, [name]: value } });
    };
    for (const [what, value] of wrongFor(property)) put(what, value);
    const inner = branches(property).find((branch) => branch.type === 'object');
    if (inner !== undefined && isRecord(params[name])) {
      for (const deeper of spoil(inner, params[name])) put(deeper.what, deeper.params);
    }
    const list = branches(property).find((branch) => branch.type === 'array');
    const first: unknown = Array.isArray(params[name]) ? params[name][0] : undefined;
    if (list?.items === undefined || !isRecord(first)) continue;
    for (const item of branches(list.items)) {
      if (!isMeant(item, first)) continue;
      for (const deeper of spoil(item, first)) put(`[0] ${deeper.what}`, [deeper.params]);
    }
  }
  return spoiled;
}

function wrongFor(property: ParamsSchema): [string, unknown][] {
  const takesAll = branches(property).some(
    (branch) => branch.type === undefined && branch.enum === undefined && !('const' in branch),
  );
  if (takesAll) return [];
  const kinds = branches(property).flatMap((branch) => branch.type ?? []);
  const wrong: [string, unknown][] = [];
  const anyNumber = kinds.includes('number') || kinds.includes('integer');
  if (!anyNumber) wrong.push(['a number', 7.5]);
  if (!kinds.includes('string')) wrong.push(['text', 'text']);
  if (!kinds.includes('boolean')) wrong.push(['true', true]);
  if (!kinds.includes('array')) wrong.push(['a list', [null]]);
  if (!kinds.includes('null')) wrong.push(['null', null]);
  if (!kinds.includes('object')) wrong.push(['an object', { a: 1 }]);
  for (const branch of branches(property)) {
    const words = branch.enum ?? branch.items?.enum;
    if (words !== undefined && branch.type === 'array') wrong.push(['an unknown word', ['nope']]);
    else if (words !== undefined) wrong.push(['an unknown word', 'nope']);
    if (branch.maxLength !== undefined && branch.maxLength <= LONG) {
      wrong.push(['too long', 'x'.repeat(branch.maxLength + 1)]);
    }
    if (branch.type === 'integer') wrong.push(['not whole', 1.5]);
    if (branch.minimum !== undefined) wrong.push(['too small', branch.minimum - 1]);
  }
  return wrong;
}

function branches(schema: ParamsSchema): ParamsSchema[] {
  const choices = schema.anyOf ?? schema.oneOf;
  return choices === undefined ? [schema] : choices.flatMap(branches);
}

/** Whether a value is of this branch, by the words that tell branches apart. */
function isMeant({ properties = {} }: ParamsSchema, value: Record<string, unknown>): boolean {
  return Object.entries(properties).every(
    ([name, property]) => !('const' in property) || property.const === value[name],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function assertKnown(schema: object): void {
  for (const key of Object.keys(schema)) {
    if (!KNOWN.has(key)) throw new Error(`The generator of parameters does not know ${key}.`);
  }
  const { properties, anyOf, oneOf, items, pattern, additionalProperties } = schema as ParamsSchema;
  if (pattern !== undefined && pattern !== ABSOLUTE) {
    throw new Error(`The generator of parameters does not know the pattern ${pattern}.`);
  }
  for (const inner of [...Object.values(properties ?? {}), ...(anyOf ?? []), ...(oneOf ?? [])]) {
    assertKnown(inner);
  }
  if (items !== undefined) assertKnown(items);
  if (typeof additionalProperties === 'object') assertKnown(additionalProperties);
}
