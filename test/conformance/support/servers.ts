import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Reference } from '../../bench/contestants/reference.js';
import { WorkFolder } from '../../bench/support/folders.js';
import { startDaemon } from '../../helpers/daemon/daemon-process.js';
import { makeRepository } from '../../helpers/git-repository.js';
import {
  startModelServer,
  type ModelServer,
  type Script,
} from '../../helpers/model-server/index.js';
import { RawClient } from './raw-client.js';

export type Side = 'goald' | 'reference';

/** One of the two servers with a client, a repository and a scripted model of its own. */
export interface Served extends AsyncDisposable {
  readonly side: Side;
  readonly client: RawClient;
  readonly repository: string;
  readonly model: ModelServer;
}

/** Both servers, alike but for their program. */
export async function serveBoth(
  program: string,
  script: () => Script,
): Promise<AsyncDisposable & { readonly goald: Served; readonly reference: Served }> {
  const work = await WorkFolder.make();
  const goald = await serve('goald', work, program, script());
  const reference = await serve('reference', work, program, script());
  return {
    goald,
    reference,
    [Symbol.asyncDispose]: async () => {
      await goald[Symbol.asyncDispose]();
      await reference[Symbol.asyncDispose]();
      await work[Symbol.asyncDispose]();
    },
  };
}

async function serve(
  side: Side,
  work: WorkFolder,
  program: string,
  script: Script,
): Promise<Served> {
  const folder = await work.fresh();
  const repository = await makeRepository(join(folder, 'repo'), { 'a.txt': 'one\n' });
  const model = await startModelServer({ script });
  const server =
    side === 'goald' ? await goald(folder, model.url) : await reference(program, folder, model.url);
  const client = await RawClient.connect(server.socket);
  return {
    side,
    client,
    repository,
    model,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await server.process[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
    },
  };
}

interface Server {
  readonly socket: string;
  readonly process: AsyncDisposable;
}

async function goald(folder: string, modelUrl: string): Promise<Server> {
  const process = await startDaemon({
    home: join(folder, 'h'),
    listen: ['unix://'],
    config: { model: { name: 'scripted' } },
    env: { OPENAI_BASE_URL: modelUrl, OPENAI_API_KEY: 'sk-test' },
  });
  return { socket: process.paths.socket, process };
}

async function reference(program: string, folder: string, modelUrl: string): Promise<Server> {
  await mkdir(folder, { recursive: true });
  const process = await new Reference(program).start({ folder, transport: 'unix', modelUrl });
  return { socket: join(folder, 's'), process };
}
