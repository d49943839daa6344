import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { notifications, requests, type Goal, type GoalEvent } from '@goald/protocol';
import { eventually } from './eventually.js';
import {
  calls,
  toolCall,
  type Script,
  type ScriptedReply,
  type ScriptedRequest,
} from './model-server/index.js';
import type { RpcClient } from './rpc/rpc-client.js';

/** A thread as one client sees it. */
export interface Watched {
  readonly client: RpcClient;
  readonly threadId: string;
}

/** Proposes completion, with evidence. */
export const CLAIM: ScriptedReply = calls(
  toolCall('set_goal', { status: 'complete', evidence: [{ criterion: 'done', proof: 'seen' }] }),
);

/** Asks to wait. */
export function waits(args: object): ScriptedReply {
  return calls(toolCall('wait', args));
}

export function runsInBackground(command: string): ScriptedReply {
  return calls(toolCall('shell', { command, background: true }));
}

/** What the model was told in answer to calls of a tool, oldest first: its own calls, and those by which goald tells of an end. */
export function toldBy(request: ScriptedRequest, tool: string): string[] {
  const names = new Map(
    request.input.flatMap((item) => (item.type === 'call' ? [[item.callId, item.name]] : [])),
  );
  return request.input.flatMap((item) =>
    item.type === 'output' && names.get(item.callId) === tool ? [item.output] : [],
  );
}

/** What the model was told of the ends of its waits. */
export function endsTold(request: ScriptedRequest): string[] {
  return toldBy(request, 'wait').filter((text) => !text.startsWith('Waiting for '));
}

/** A reply by the number of responses in the history, so that a repeated request gets the same; the last one again and again. */
export function steps(...replies: readonly (ScriptedReply | Script)[]): Script {
  return (request) => {
    const step = replies[Math.min(request.progress, replies.length - 1)] ?? CLAIM;
    return typeof step === 'function' ? step(request) : step;
  };
}

export async function goalOf({ client, threadId }: Watched): Promise<Goal> {
  const { goal } = await client.request(requests.threadGoalGet, { threadId });
  if (goal === null) throw new Error('there is no goal');
  return goal;
}

/** The goal once it waits, with no turn in flight. */
export function waiting(at: Watched): Promise<Goal> {
  return eventually('the goal waits', async () => {
    const goal = await goalOf(at);
    return goal.phase === 'waiting' && goal.waitingFor !== null && goal;
  });
}

/** The goal as it was told when it began to wait; also when it does so no more. */
export async function toldWaiting({ client, threadId }: Watched): Promise<Goal> {
  const { goal } = await client.until(
    notifications.threadGoalUpdated,
    (params) =>
      params.threadId === threadId &&
      params.goal.phase === 'waiting' &&
      params.goal.waitingFor !== null,
  );
  return goal;
}

export async function eventsOf(
  { client, threadId }: Watched,
  ...types: GoalEvent['type'][]
): Promise<GoalEvent[]> {
  const { data } = await client.request(requests.goalEventsList, { threadId, limit: 5000 });
  return data.filter((event) => types.includes(event.type));
}

/** How the waits of the thread ended, oldest first. */
export async function results(at: Watched): Promise<unknown[]> {
  return (await eventsOf(at, 'wait.ended')).map((event) => event.data['result']);
}

export function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${String(pid)}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** The process ids that commands wrote, whole lines only, into the file `pids` of a repository. */
export function pidsIn(repository: string): number[] {
  const file = join(repository, 'pids');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').slice(0, -1).map(Number);
}
