import { requests } from '@goald/protocol';
import type { RpcClient } from '../../../helpers/rpc/rpc-client.js';
import type { Action } from './actions.js';

type UserAction = Extract<
  Action,
  { kind: 'set' | 'edit' | 'pause' | 'resume' | 'clear' | 'complete' | 'interrupt' | 'answer' }
>;

/** Refusals that are right in some state of the goal. */
const REFUSALS: readonly unknown[] = [
  'goal_not_found',
  'invalid_transition',
  'budget_exhausted',
  'turn_not_found',
  'blocker_not_found',
  'already_resolved',
];

/** What a person does through a client. */
export class UserActions {
  readonly #threadId: string;
  #keys = 0;
  #objectives = 0;

  constructor(threadId: string) {
    this.#threadId = threadId;
  }

  /** For one action, however often it has to be asked for. */
  newKey(): string {
    this.#keys += 1;
    return `key-${String(this.#keys)}`;
  }

  /** False when the daemon refused, as it may. */
  async run(client: RpcClient, action: UserAction, key: string): Promise<boolean> {
    try {
      await this.#ask(client, action, key);
      return true;
    } catch (error) {
      if (REFUSALS.includes(codeOf(error))) return false;
      throw error;
    }
  }

  async #ask(client: RpcClient, action: UserAction, idempotencyKey: string): Promise<void> {
    const threadId = this.#threadId;
    const common = { threadId, idempotencyKey };
    const origin = 'user' as const;
    switch (action.kind) {
      case 'set': {
        const { goal } = await client.request(requests.threadGoalGet, { threadId });
        // The budget of a goal that is there is only raised, so that its last one bounds all it ever had.
        const isNew = goal === null || goal.status === 'complete';
        await client.request(requests.threadGoalSet, {
          ...common,
          origin,
          objective: this.#newObjective(),
          status: 'active',
          ...(isNew ? { tokenBudget: action.tokenBudget } : {}),
          verification: action.verified ? [{ name: 'there', command: 'test -d .' }] : [],
        });
        return;
      }
      case 'edit':
        await client.request(requests.threadGoalSet, {
          ...common,
          origin,
          objective: this.#newObjective(),
        });
        return;
      case 'pause':
        await client.request(requests.threadGoalPause, {
          ...common,
          origin: action.automatic ? 'automatic' : origin,
        });
        return;
      case 'resume': {
        const { addTokens } = action;
        await client.request(requests.threadGoalResume, { ...common, origin, addTokens });
        return;
      }
      case 'clear':
        await client.request(requests.threadGoalClear, { ...common, origin });
        return;
      case 'complete':
        await client.request(requests.threadGoalSet, { ...common, origin, status: 'complete' });
        return;
      case 'interrupt':
        await this.#interrupt(client, idempotencyKey);
        return;
      case 'answer':
        await this.#answer(client, idempotencyKey);
        return;
    }
  }

  async #interrupt(client: RpcClient, idempotencyKey: string): Promise<void> {
    const threadId = this.#threadId;
    const { data } = await client.request(requests.goalEventsList, { threadId, limit: 5000 });
    const turnId = data.findLast(({ type }) => type === 'turn.started')?.turnId;
    if (turnId == null) return;
    await client.request(requests.turnInterrupt, { threadId, turnId, idempotencyKey });
  }

  async #answer(client: RpcClient, idempotencyKey: string): Promise<void> {
    const threadId = this.#threadId;
    const { data } = await client.request(requests.goalBlockerList, { threadId });
    const open = data.find(({ resolved }) => !resolved);
    if (open === undefined) return;
    await client.request(requests.goalBlockerResolve, {
      threadId,
      blockerId: open.blockerId,
      answer: 'The blue one.',
      origin: 'user',
      idempotencyKey,
    });
  }

  #newObjective(): string {
    this.#objectives += 1;
    return `Objective ${String(this.#objectives)}.`;
  }
}

function codeOf(error: unknown): unknown {
  if (!(error instanceof Error) || !('data' in error)) return null;
  return (error.data as Record<string, unknown>)['code'];
}
