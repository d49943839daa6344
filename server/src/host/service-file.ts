import { rename, rm, writeFile } from 'node:fs/promises';
import type { ServiceFile } from '@goald/protocol';

/** Writes service.json whole or not at all; disposing removes it. */
export async function publishService(path: string, service: ServiceFile): Promise<AsyncDisposable> {
  const draft = `${path}.${String(process.pid)}`;
  await writeFile(draft, `${JSON.stringify(service, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
  return {
    [Symbol.asyncDispose]: () => rm(path, { force: true }),
  };
}
