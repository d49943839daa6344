import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { homePaths, type HomePaths } from '@goald/protocol';
import { Child } from '../support/child.js';
import { freePort } from '../support/free-port.js';
import { goaldProgram } from '../support/programs.js';
import type { Endpoint } from '../wire/frame-socket.js';
import { waitUntilReady, type Contestant, type Running, type StartOptions } from './contestant.js';

/** Where goald keeps its things when it is started in a folder. */
export function goaldHome(folder: string): HomePaths {
  return homePaths({ home: join(folder, 'h'), env: {}, cwd: '/' });
}

/** goald as a user starts it. */
export class Goald implements Contestant {
  readonly side = 'goald';

  async start({ folder, transport, modelUrl }: StartOptions): Promise<Running> {
    const paths = goaldHome(folder);
    const port = transport === 'tcp' ? await freePort() : 0;
    const listen = transport === 'tcp' ? `ws://127.0.0.1:${String(port)}` : 'unix://';
    const args = [goaldProgram(), '--home', paths.state, '--listen', listen];
    const model: Record<string, string> =
      modelUrl === undefined ? {} : { OPENAI_BASE_URL: modelUrl };
    const startedAt = performance.now();
    const env = { HOME: folder, OPENAI_API_KEY: 'sk-bench', ...model };
    const child = new Child(process.execPath, args, env);
    const endpoint = async (): Promise<Endpoint> =>
      transport === 'tcp'
        ? { address: { port }, token: (await readFile(paths.token, 'utf8')).trim() }
        : { address: { path: paths.socket } };
    return waitUntilReady(child, startedAt, endpoint);
  }
}
