import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { requests } from '@goald/protocol';
import { eventually } from '../helpers/eventually.js';
import type { Chance } from '../helpers/wire/chance.js';
import { EventClient } from '../helpers/wire/event-client.js';
import { QuietClient } from './quiet-client.js';

const MOST_AWAY_MS = 4000;
const MOST_STAY_MS = 300;

/** Clients that come and go while goals run. Some follow everything, with a cursor, and must miss nothing. */
export class Visitors {
  /** Visits that were paid. */
  visits = 0;
  readonly #followers: readonly EventClient[];
  readonly #endpoint: string;
  readonly #guests: number;
  readonly #chance: Chance;
  readonly #threadId: () => string | undefined;

  constructor(options: {
    readonly endpoint: string;
    readonly followers: number;
    readonly guests: number;
    readonly chance: Chance;
    /** A thread whose goal runs now. */
    readonly threadId: () => string | undefined;
  }) {
    this.#endpoint = options.endpoint;
    this.#guests = options.guests;
    this.#chance = options.chance;
    this.#threadId = options.threadId;
    this.#followers = Array.from(
      { length: options.followers },
      () => new EventClient(options.endpoint),
    );
  }

  /** Comes and goes until the signal; then everybody is gone. */
  async run(signal: AbortSignal): Promise<void> {
    setMaxListeners(0, signal);
    const follow = this.#followers.map((follower) =>
      this.#again(signal, async () => {
        await follower.attach();
        await this.#stay(signal, MOST_STAY_MS);
        await follower.leave();
      }),
    );
    const guests = Array.from({ length: this.#guests }, () =>
      this.#again(signal, () => this.#visit(signal)),
    );
    await Promise.all([...follow, ...guests]);
  }

  /** What each follower has read in the end, over all its connections. */
  async readToEnd(headSeq: number): Promise<readonly (readonly number[])[]> {
    for (const follower of this.#followers) {
      await follower.attach();
      await eventually('a follower has read everything', () => follower.lastSeq >= headSeq);
      await follower.leave();
    }
    return this.#followers.map(({ seqs }) => seqs);
  }

  async #again(signal: AbortSignal, visit: () => Promise<void>): Promise<void> {
    await this.#stay(signal, MOST_AWAY_MS / 2);
    while (!signal.aborted) {
      await visit();
      this.visits += 1;
      await this.#stay(signal, MOST_AWAY_MS);
    }
  }

  /** Looks at one goal, waits for it, and goes away in the middle of that. */
  async #visit(signal: AbortSignal): Promise<void> {
    const threadId = this.#threadId();
    if (threadId === undefined) return;
    await using client = await QuietClient.connect(this.#endpoint);
    await client.request(requests.threadGoalGet, { threadId });
    await client.request(requests.goalSubscribe, { threadIds: [threadId], sinceSeq: 0 });
    void client.request(requests.goalWait, { threadId });
    await this.#stay(signal, MOST_STAY_MS);
  }

  async #stay(signal: AbortSignal, mostMs: number): Promise<void> {
    const ms = this.#chance.between(1, mostMs);
    await pause(ms, undefined, { signal }).catch(() => undefined);
  }
}
