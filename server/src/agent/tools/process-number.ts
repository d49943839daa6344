import * as z from 'zod';

/** Models write the number of a process as a number or as text. */
export const processNumber = z.union([z.int().positive(), z.string().min(1)]);

/** NaN, which is no process, for text that is no number. */
export function numberOf(id: z.output<typeof processNumber>): number {
  return typeof id === 'number' ? id : Number(/^\d{1,9}$/.exec(id.trim())?.[0] ?? Number.NaN);
}
