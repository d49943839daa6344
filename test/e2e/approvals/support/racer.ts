import { requests } from '@goald/protocol';
import { setTimeout as delay } from 'node:timers/promises';
import { RpcClient } from '../../../helpers/rpc/rpc-client.js';
import type { Chance } from '../../../helpers/wire/chance.js';

export interface RacerOptions {
  readonly name: string;
  readonly endpoint: string;
  readonly threadIds: readonly string[];
  readonly chance: Chance;
  /** Of so many requests it dies at about one, before or after its answer. null: it does not die. */
  readonly diesEvery: number | null;
}

/** A client that decides whatever it is asked, by chance and after a moment, and comes back when it or the daemon died. */
export class Racer implements AsyncDisposable {
  /** What it said, by the id of the request. */
  readonly said = new Map<string, Set<string>>();
  deaths = 0;
  readonly #options: RacerOptions;
  readonly #done: Promise<void>;
  #client: RpcClient | null = null;
  #stopped = false;

  constructor(options: RacerOptions) {
    this.#options = options;
    this.#done = this.#live();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#client?.[Symbol.asyncDispose]();
    await this.#done;
  }

  async #live(): Promise<void> {
    const { endpoint, name, threadIds } = this.#options;
    while (!this.#stopped) {
      try {
        await using client = await RpcClient.connect(endpoint, undefined, name, {
          requiredHumanApproval: true,
        });
        this.#client = client;
        client.onAsked = ({ id }) => void this.#decide(client, id);
        for (const threadId of threadIds) {
          await client.request(requests.threadResume, { threadId, excludeTurns: true });
        }
        await client.closed;
      } catch {
        // Nobody is there: the daemon was killed, and comes back.
      }
      await delay(10);
    }
  }

  async #decide(client: RpcClient, id: string): Promise<void> {
    const { chance, diesEvery } = this.#options;
    const decision = chance.next() < 0.7 ? 'accept' : 'decline';
    const fate = diesEvery === null ? 1 : chance.next() * diesEvery;
    await delay(chance.between(0, 4));
    if (fate < 0.5) await this.#die(client);
    const said = this.said.get(id) ?? new Set();
    this.said.set(id, said.add(decision));
    client.answer(id, { decision });
    if (fate >= 0.5 && fate < 1 && diesEvery !== null) await this.#die(client);
  }

  async #die(client: RpcClient): Promise<void> {
    this.deaths += 1;
    await client[Symbol.asyncDispose]();
  }
}
