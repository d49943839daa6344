import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** The generated folder. */
export const SCHEMAS = join(import.meta.dirname, '../../../schemas');

/** Reads one generated file. */
export function readSchema(path: string): unknown {
  return JSON.parse(readFileSync(join(SCHEMAS, path), 'utf8'));
}

/** The same, for a file that holds one object. */
export function readSchemaObject(path: string): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(readSchema(path));
}

const listSchema = z.array(
  z.object({
    file: z.string(),
    method: z.string(),
    accepted: z.boolean(),
    why: z.string().optional(),
    schemaRefuses: z.boolean().optional(),
  }),
);

const messageSchema = z.object({ method: z.string(), params: z.unknown().optional() });

/** One sample: what examples/index.json says of it, and the parameters in its file. */
export interface Example {
  readonly file: string;
  readonly method: string;
  readonly accepted: boolean;
  /** True unless only the daemon can see what is wrong with it. */
  readonly schemaRefuses: boolean;
  readonly why: string | null;
  readonly message: unknown;
  readonly params: unknown;
}

/** Every sample that examples/index.json lists. */
export function allExamples(): readonly Example[] {
  return listSchema.parse(readSchema('examples/index.json')).map((entry) => {
    const message = readSchema(`examples/${entry.file}`);
    return {
      ...entry,
      schemaRefuses: entry.schemaRefuses ?? true,
      why: entry.why ?? null,
      message,
      params: messageSchema.parse(message).params,
    };
  });
}
