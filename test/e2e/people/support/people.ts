import { requests, type GoalEvent } from '@goald/protocol';
import {
  calls,
  toolCall,
  type RecordedRequest,
  type ScriptedReply,
} from '../../../helpers/model-server/index.js';
import { readResponsesBody } from '../../../helpers/model-server/read-request.js';
import type { RpcClient } from '../../../helpers/rpc/rpc-client.js';

/** A reply that is one set_goal. */
export const set = (args: object): ScriptedReply => calls(toolCall('set_goal', args));

/** Asks where the key is, and stops. */
export const ASK = set({ blocker: { summary: 'No key.', question: 'Where is the key?' } });

/** What users said, as a request carries it. */
export function userTexts(request: RecordedRequest | undefined): string[] {
  return readResponsesBody(request?.body ?? {}).input.flatMap((item) =>
    item.type === 'message' && item.role === 'user' ? [item.text] : [],
  );
}

/** What the model was told about its calls, as a request carries it. */
export function outputs(request: RecordedRequest | undefined): string[] {
  return readResponsesBody(request?.body ?? {}).input.flatMap((item) =>
    item.type === 'output' ? [item.output] : [],
  );
}

export function steeringOf(request: RecordedRequest | undefined): string {
  return readResponsesBody(request?.body ?? {}).steering ?? '';
}

/** Events of a thread with one of these types, oldest first. */
export async function eventsOf(
  client: RpcClient,
  threadId: string,
  ...types: readonly GoalEvent['type'][]
): Promise<GoalEvent[]> {
  const { data } = await client.request(requests.goalEventsList, { threadId, limit: 5000 });
  return data.filter(({ type }) => types.includes(type));
}

/** The code an answer ends with, or null when it is none of an error; and what its data holds beside. */
export async function refused(
  answer: Promise<unknown>,
): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    await answer;
    return null;
  } catch (error) {
    if (error instanceof Error && 'data' in error) return error.data as Record<string, unknown>;
    throw error;
  }
}
