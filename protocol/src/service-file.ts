import * as z from 'zod';

/** service.json: what a running daemon says of itself, for clients that look for it. */
export const serviceFileSchema = z.object({
  pid: z.number().int(),
  version: z.string(),
  startedAtMs: z.number().int(),
  endpoints: z.array(z.string()).describe('ws://HOST:PORT and unix://PATH'),
});
export type ServiceFile = z.infer<typeof serviceFileSchema>;
