import * as z from 'zod';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

const jsonObjectSchema = z.record(z.string(), z.json());

/** Through text and back: what cannot stand in a JSON file is gone, and the type says so. */
export function asJsonObject(value: object): JsonObject {
  return jsonObjectSchema.parse(JSON.parse(JSON.stringify(value)));
}

/** The value if it is an object, else an empty one. */
export function objectOrEmpty(value: Json | undefined): JsonObject {
  return value !== undefined && isObject(value) ? value : {};
}

/** Replaces every `$ref` to `#/$defs/NAME` by what `target` makes of NAME. */
export function mapRefs(json: JsonObject, target: (name: string) => string): JsonObject {
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => {
      const name =
        key === '$ref' && typeof value === 'string'
          ? /^#\/\$defs\/(.+)$/.exec(value)?.[1]
          : undefined;
      return [key, name === undefined ? mapValue(value, target) : target(name)];
    }),
  );
}

function mapValue(value: Json, target: (name: string) => string): Json {
  if (isList(value)) return value.map((entry) => mapValue(entry, target));
  return isObject(value) ? mapRefs(value, target) : value;
}

// Array.isArray does not narrow readonly lists.
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}
