import * as protocol from '@goald/protocol';
import * as z from 'zod';
import { asJsonObject, mapRefs, type JsonObject } from './json.js';
import { refinementOf } from './refinements.js';

/** Whether a schema describes what a sender may write (defaults left out) or what a reader gets (defaults filled in). */
export type Side = 'input' | 'output';

export const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** A schema and the named ones it refers to as `#/$defs/NAME`. */
export interface Converted {
  readonly schema: JsonObject;
  readonly defs: Readonly<Record<string, JsonObject>>;
}

/** Names that stand for a whole file or for one plain field: they are written where they are used. */
const INLINED = new Set(['id', 'cursor', 'idempotencyKey', 'emittedAtMs', 'emptyResult', 'config']);

/** Every exported `…Schema` of the protocol is a named component: goalSchema is Goal. */
const components: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  Object.entries(protocol).flatMap(([name, value]) => {
    const stem = /^(.*)Schema$/.exec(name)?.[1];
    if (stem === undefined || INLINED.has(stem) || !(value instanceof z.ZodType)) return [];
    return [[pascalCase(stem), value]];
  }),
);

for (const [id, schema] of Object.entries(components)) {
  z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id });
}

/** `threadGoalSet` → `ThreadGoalSet`. */
export function pascalCase(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** JSON Schema 2020-12 of a zod schema. Readers must take fields they do not know, so no object is closed. */
export function convert(schema: z.ZodType, side: Side): Converted {
  const { defs, ...converted } = plain(schema, side);
  if (side === 'output') return { schema: converted.schema, defs };
  const rename = (name: string): string => (sideSensitive.has(name) ? `${name}Input` : name);
  return {
    schema: renameRefs(converted.schema, rename),
    defs: Object.fromEntries(
      Object.entries(defs).map(([name, def]) => [rename(name), renameRefs(def, rename)]),
    ),
  };
}

const sideSensitive = findSideSensitive();

/** Components that differ between the sides, themselves or through one they refer to. */
function findSideSensitive(): ReadonlySet<string> {
  const every = z.object(components);
  const input = plain(every, 'input').defs;
  const output = plain(every, 'output').defs;
  const differing = new Set(
    Object.keys(output).filter(
      (name) => JSON.stringify(input[name]) !== JSON.stringify(output[name]),
    ),
  );
  for (let before = -1; before !== differing.size;) {
    before = differing.size;
    for (const [name, def] of Object.entries(output)) {
      if ([...differing].some((other) => refersTo(def, other))) differing.add(name);
    }
  }
  return differing;
}

function refersTo(def: JsonObject, name: string): boolean {
  return JSON.stringify(def).includes(`"#/$defs/${name}"`);
}

function plain(schema: z.ZodType, side: Side): Converted {
  const {
    $schema: _,
    $defs,
    ...rest
  } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: side,
    override: ({ zodSchema, jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      // zod writes the safe integers as bounds; they say nothing that "integer" does not say to a JSON reader.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      Object.assign(jsonSchema, refinementOf(zodSchema));
    },
  });
  return {
    schema: asJsonObject(rest),
    defs: Object.fromEntries(
      Object.entries($defs ?? {}).map(([name, def]) => [name, asJsonObject(def)]),
    ),
  };
}

function renameRefs(json: JsonObject, rename: (name: string) => string): JsonObject {
  return mapRefs(json, (name) => `#/$defs/${rename(name)}`);
}
