import { requests, type Goal } from '@goald/protocol';
import { objectiveOf, planOf } from './plan.js';
import { QuietClient } from './quiet-client.js';

export interface GoalPoolOptions {
  readonly endpoint: string;
  readonly cwd: string;
  readonly seed: number;
  /** Goals that are active at the same time. */
  readonly active: number;
  /** When to give up, Unix ms. */
  readonly untilMs: number;
}

/** One goal as it ended. */
export interface EndedGoal {
  readonly number: number;
  readonly goal: Goal;
}

/** Sets goals, each on a thread of its own, so that as many as wanted are active until none is left to set. */
export class GoalPool {
  readonly ended: EndedGoal[] = [];
  readonly stuck: number[] = [];
  readonly #options: GoalPoolOptions;
  readonly #threads = new Set<string>();
  #started = 0;

  constructor(options: GoalPoolOptions) {
    this.#options = options;
  }

  get newestThread(): string | undefined {
    return [...this.#threads].at(-1);
  }

  /** Sets so many more goals; resolves when all have ended or the time is over. */
  async play(goals: number): Promise<void> {
    await using client = await QuietClient.connect(this.#options.endpoint);
    const last = this.#started + goals;
    const worker = async (): Promise<void> => {
      while (this.#started < last && Date.now() < this.#options.untilMs) {
        this.#started += 1;
        await this.#playOne(client, this.#started);
      }
    };
    await Promise.all(Array.from({ length: this.#options.active }, worker));
    for (; this.#started < last; this.#started += 1) this.stuck.push(this.#started + 1);
  }

  async #playOne(client: QuietClient, number: number): Promise<void> {
    const { cwd, seed, untilMs } = this.#options;
    const { verified } = planOf(seed, number);
    const { thread } = await client.request(requests.threadStart, { cwd });
    const threadId = thread.id;
    await client.request(requests.threadGoalSet, {
      threadId,
      objective: objectiveOf(number),
      origin: 'user',
      ...(verified ? { verification: [{ name: 'there', command: 'test -f a.txt' }] } : {}),
    });
    this.#threads.add(threadId);
    const timeoutMs = Math.max(0, untilMs - Date.now());
    const { goal, timedOut } = await client.request(requests.goalWait, { threadId, timeoutMs });
    this.#threads.delete(threadId);
    if (timedOut || goal === null) this.stuck.push(number);
    else this.ended.push({ number, goal });
  }
}
