import { setTimeout as delay } from 'node:timers/promises';
import { requests } from '@goald/protocol';
import type { Child } from '../support/child.js';
import type { Endpoint } from '../wire/frame-socket.js';
import { Peer } from '../wire/peer.js';

export const TRANSPORTS = ['tcp', 'unix'] as const;
export type Transport = (typeof TRANSPORTS)[number];

const READY_WITHIN_MS = 20_000;
const POLL_MS = 1;

export interface StartOptions {
  /** Folder of its own for this server; it may hold a home that is to be used again. */
  readonly folder: string;
  readonly transport: Transport;
  /** Base URL of the model; without it none can be reached. */
  readonly modelUrl?: string;
}

/** A server that can be measured. */
export interface Contestant {
  readonly side: 'goald' | 'reference';
  start(options: StartOptions): Promise<Running>;
}

/** A server that has answered its first client. */
export class Running implements AsyncDisposable {
  /** From starting the process to the answer to the first initialize. */
  readonly readyMs: number;
  readonly #child: Child;
  readonly #endpoint: () => Promise<Endpoint>;

  constructor(child: Child, endpoint: () => Promise<Endpoint>, readyMs: number) {
    this.#child = child;
    this.#endpoint = endpoint;
    this.readyMs = readyMs;
  }

  get pid(): number {
    return this.#child.pid;
  }

  async connect(): Promise<Peer> {
    return Peer.connect(await this.#endpoint());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }
}

/** Connects again and again until the server answers; ends it when it does not. `endpoint` may throw while the server is not there. */
export async function waitUntilReady(
  child: Child,
  startedAt: number,
  endpoint: () => Promise<Endpoint>,
): Promise<Running> {
  const deadline = startedAt + READY_WITHIN_MS;
  for (;;) {
    try {
      const peer = await Peer.connect(await endpoint());
      peer[Symbol.dispose]();
      return new Running(child, endpoint, performance.now() - startedAt);
    } catch (error) {
      if (performance.now() > deadline) {
        await child[Symbol.asyncDispose]();
        throw error;
      }
      child.assertRunning();
    }
    await delay(POLL_MS);
  }
}

/** Starts a thread and answers its id. */
export async function startThread(peer: Peer, cwd: string): Promise<string> {
  const { thread } = await peer.request(requests.threadStart, { cwd });
  return (thread as { id: string }).id;
}

/** Gives a thread a goal that does not run. */
export async function setPausedGoal(peer: Peer, threadId: string): Promise<void> {
  await peer.request(requests.threadGoalSet, {
    threadId,
    objective: 'Make every test of this repository pass.',
    status: 'paused',
    tokenBudget: 1_000_000,
  });
}
