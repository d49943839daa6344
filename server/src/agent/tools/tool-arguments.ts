import * as z from 'zod';

export type ParsedArguments<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Models write null for "not given". */
function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([key, field]) => [key, dropNulls(field)]),
  );
}

/** The JSON value of a call's arguments, or the text itself where it is no JSON. */
export function looseArguments(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Reads the arguments of a call. `problem` tells the model what to write instead. */
export function parseArguments<T>(schema: z.ZodType<T>, text: string): ParsedArguments<T> {
  let value: unknown = {};
  if (text.trim() !== '') {
    try {
      value = JSON.parse(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { ok: false, problem: `The arguments are not valid JSON (${reason}).` };
    }
  }
  const parsed = schema.safeParse(dropNulls(value));
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, problem: `The arguments are not valid:\n${z.prettifyError(parsed.error)}` };
}

/** JSON Schema of a tool's arguments, without what costs prompt tokens and says nothing. */
export function argumentsJsonSchema(schema: z.ZodType): Record<string, unknown> {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return Object.fromEntries(
    Object.entries(json).filter(([key]) => key !== '$schema' && key !== '~standard'),
  );
}
