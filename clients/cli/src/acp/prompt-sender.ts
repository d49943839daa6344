import { randomUUID } from 'node:crypto';
import { isGoaldError } from '@goald/client';
import { type Goal, requests } from '@goald/protocol';
import type { Daemon } from './daemon-door.js';
import type { Mode } from './modes.js';
import {
  attachedTo,
  slashCommandOf,
  wholeInput,
  type PromptInput,
  type SaidPart,
  type SlashCommand,
} from './prompt-input.js';
import type { PromptWait, PromptWaits } from './prompt-waits.js';
import { runCommand } from './run-command.js';
import type { ThreadFollower } from './thread-follower.js';
import type { TypedWords } from './typed-words.js';

export interface PromptSenderOptions {
  readonly daemon: Daemon;
  readonly threadId: string;
  readonly follower: ThreadFollower;
  readonly waits: PromptWaits;
  readonly typed: TypedWords;
}

/** What the user of the editor says, as requests to the daemon: a turn, a command of goals, the goal itself, a stop. */
export class PromptSender {
  readonly #options: PromptSenderOptions;

  constructor(options: PromptSenderOptions) {
    this.#options = options;
  }

  /** Resolves when the daemon has taken it. Rejects as the daemon refuses. */
  async send(input: PromptInput, mode: Mode, wait: PromptWait): Promise<void> {
    const command = slashCommandOf(input.text);
    if (command !== null && /^goal(-|$)/u.test(command.name)) {
      await this.#command(command, input, wait);
    } else if (mode === 'goal' && input.text !== '' && isFree(this.#options.follower.state.goal)) {
      await this.#command({ name: 'goal', rest: input.text }, input, wait);
    } else {
      await this.#say(wholeInput(input), wait);
    }
  }

  /** Stops the turn in flight; without one, pauses the goal. */
  async stop(): Promise<void> {
    const { daemon, threadId, follower, waits } = this.#options;
    const { client, origin } = daemon;
    const turnId = follower.state.openTurn ?? waits.newestTurn;
    try {
      if (turnId !== null) {
        await client.request(requests.turnInterrupt, { threadId, turnId, origin });
      } else if (follower.state.goalActive) {
        await client.request(requests.threadGoalPause, { threadId, origin });
      }
    } catch (error) {
      const over = ['turn_not_found', 'goal_not_found', 'invalid_transition'];
      if (!over.some((code) => isGoaldError(error, code))) throw error;
    }
  }

  async #command(command: SlashCommand, input: PromptInput, wait: PromptWait): Promise<void> {
    const { daemon, threadId, follower, waits, typed } = this.#options;
    const { client, origin } = daemon;
    if (command.name !== 'goal' && command.rest !== '') typed.add(command.rest);
    const done = await runCommand(command, { client, origin, threadId });
    if (done.text !== null) follower.note(randomUUID(), done.text);
    if (!done.follows) {
      waits.close(wait);
      wait.answered();
      return;
    }
    // The events of the change are on their way before this is answered.
    await follower.readGoal();
    const attached = attachedTo(input);
    if (command.name === 'goal' && follower.state.goalActive && attached.length > 0) {
      await this.#say(attached, wait);
    }
    wait.sent = true;
  }

  async #say(input: readonly SaidPart[], wait: PromptWait): Promise<void> {
    const { daemon, threadId, typed } = this.#options;
    const { client, origin } = daemon;
    const clientUserMessageId = randomUUID();
    typed.add(clientUserMessageId);
    const { turn } = await client.request(requests.turnStart, {
      threadId,
      input: [...input],
      clientUserMessageId,
      origin,
    });
    wait.turnId = turn.id;
    wait.sent = true;
  }
}

/** Whether a message in goal mode becomes a goal: there is none that is unfinished. */
function isFree(goal: Goal | null): boolean {
  return goal === null || goal.status === 'complete';
}
