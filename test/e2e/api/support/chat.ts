import { mkdir } from 'node:fs/promises';
import { notifications, requests } from '@goald/protocol';
import type { RpcClient } from '../../../helpers/rpc/rpc-client.js';
import type { ApiWorld } from './api-world.js';
import { input } from './scripts.js';

/** An empty folder of this world. */
export async function emptyFolder(world: ApiWorld, name: string): Promise<string> {
  const path = world.path(name);
  await mkdir(path, { recursive: true });
  return path;
}

/** Says something and waits for the end of the turn; answers the turn's id. The client is subscribed to the thread. */
export async function chat(client: RpcClient, threadId: string, text: string): Promise<string> {
  const { turn } = await client.request(requests.turnStart, { threadId, input: input(text) });
  await client.until(notifications.turnCompleted, (params) => params.turn.id === turn.id);
  return turn.id;
}
