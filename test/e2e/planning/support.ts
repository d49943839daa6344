import { requests, type AskedCollaborationMode, type ThreadItem } from '@goald/protocol';
import { eventually } from '../../helpers/eventually.js';
import type { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { input } from '../api/support/scripts.js';

/** A mode as the stock client asks for it. */
export function mode(
  kind: AskedCollaborationMode['mode'],
  words: string | null = null,
): AskedCollaborationMode {
  return {
    mode: kind,
    settings: { model: 'the-model', reasoning_effort: null, developer_instructions: words },
  };
}

/** A thread as one client sees it. */
export interface Seen {
  readonly client: RpcClient;
  readonly threadId: string;
}

export async function setMode(
  { client, threadId }: Seen,
  kind: AskedCollaborationMode['mode'],
): Promise<void> {
  await client.request(requests.threadSettingsUpdate, {
    threadId,
    collaborationMode: mode(kind),
  });
}

/** Says something, and answers the turn's id when that turn is over. */
export async function say(
  seen: Seen,
  text: string,
  collaborationMode: AskedCollaborationMode | null = null,
): Promise<string> {
  const { client, threadId } = seen;
  const asked = { threadId, input: input(text), collaborationMode };
  const { turn } = await client.request(requests.turnStart, asked);
  await eventually('the turn is over', async () => {
    const { data } = await client.request(requests.threadTurnsList, { threadId });
    return data.find(({ id }) => id === turn.id)?.status !== 'inProgress';
  });
  return turn.id;
}

/** Items of a turn, oldest first. */
export async function itemsOf({ client, threadId }: Seen, turnId: string): Promise<ThreadItem[]> {
  const { data } = await client.request(requests.threadItemsList, {
    threadId,
    turnId,
    sortDirection: 'asc',
  });
  return data.map(({ item }) => item);
}
