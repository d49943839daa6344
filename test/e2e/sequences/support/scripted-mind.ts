import { setTimeout as pause } from 'node:timers/promises';
import type {
  Script,
  ScriptedReply,
  ScriptedRequest,
} from '../../../helpers/model-server/index.js';
import { calls, says, toolCall } from '../../../helpers/model-server/index.js';
import { CLAIM } from '../../api/support/scripts.js';
import type { ModelMove } from './actions.js';

/** The model of one sequence: a move for each request, and a claim when none is left. */
export class ScriptedMind {
  readonly #moves: ModelMove[];
  readonly #waitCommand: string;
  #steps = 0;
  #held: (() => void)[] = [];
  #holds = true;

  /** `waitCommand` runs until it is told to end. */
  constructor(moves: readonly ModelMove[], waitCommand: string) {
    this.#moves = [...moves];
    this.#waitCommand = waitCommand;
  }

  readonly script: Script = (request) => this.#reply(request);

  /** What is held back is said now. */
  release(): void {
    for (const release of this.#held.splice(0)) release();
  }

  /** Nothing but claims from now on. */
  finish(): void {
    this.#moves.length = 0;
    this.#holds = false;
    this.release();
  }

  async #reply(request: ScriptedRequest): Promise<ScriptedReply> {
    const move = this.#moves.shift() ?? 'claim';
    this.#steps += 1;
    const step = `step ${String(this.#steps)}`;
    switch (move) {
      case 'step':
        return calls(toolCall('update_plan', { steps: [{ step, status: 'completed' }] }));
      case 'talk':
        return says(`I think about ${step}.`);
      case 'claim':
        return CLAIM;
      case 'block': {
        const blocker = { summary: `No key for ${step}.`, question: `Which key for ${step}?` };
        return calls(toolCall('set_goal', { status: 'blocked', blocker }));
      }
      case 'process':
        return calls(toolCall('shell', { command: this.#waitCommand }));
      case 'hold':
        await this.#hold(request.signal);
        return says(`I waited with ${step}.`);
      case 'serverError':
        return { fault: { kind: 'status', status: 500 } };
      case 'rateLimit':
        return { fault: { kind: 'status', status: 429, headers: { 'retry-after': '2' } } };
      case 'quota': {
        const error = { code: 'insufficient_quota', message: 'You exceeded your current quota.' };
        return { fault: { kind: 'status', status: 429, body: { error } } };
      }
      case 'cut':
        return {
          ...says(`I begin with ${step} and do not end.`),
          fault: { kind: 'cut', afterBytes: 400 },
        };
    }
  }

  async #hold(signal: AbortSignal): Promise<void> {
    if (!this.#holds) return;
    const released = new Promise<void>((resolve) => this.#held.push(resolve));
    const gone = new AbortController();
    const aborted = pause(600_000, undefined, {
      signal: AbortSignal.any([signal, gone.signal]),
      ref: false,
    });
    await Promise.race([released, aborted.catch(() => undefined)]);
    gone.abort();
  }
}
