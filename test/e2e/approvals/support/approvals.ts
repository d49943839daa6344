import { requests, serverRequests, type ParamsOf } from '@goald/protocol';
import type { Asked, RpcClient } from '../../../helpers/rpc/rpc-client.js';

type CommandParams = ParamsOf<typeof serverRequests.commandExecutionRequestApproval>;

/** Subscribes a client to a thread. */
export async function attach(client: RpcClient, threadId: string): Promise<RpcClient> {
  await client.request(requests.threadResume, { threadId, excludeTurns: true });
  return client;
}

/** What a client is asked about a command. */
export function askedToRun(
  client: RpcClient,
  threadId: string,
  command?: string,
): Promise<Asked<CommandParams>> {
  return client.untilAsked(
    serverRequests.commandExecutionRequestApproval,
    (params) =>
      params.threadId === threadId && (command === undefined || params.command === command),
  );
}

export const decisionOf = (decision: unknown): object => ({ decision });
