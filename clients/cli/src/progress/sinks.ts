import type { Goal, GoalEvent } from '@goald/protocol';
import type { Terminal } from '../terminal/terminal.js';
import type { FollowSink } from './follow.js';
import { reduce } from './reducer.js';
import type { Renderer } from './renderer.js';
import { initialView, type ProgressInput, type View } from './view.js';

/** For people: reduces what happens to a view and shows it. */
export class HumanSink implements FollowSink {
  readonly #renderer: Renderer;
  #view: View;
  #writing: Promise<void>;

  constructor(renderer: Renderer, goal: Goal | null, atMs: number) {
    this.#renderer = renderer;
    this.#view = initialView(goal, atMs);
    this.#writing = renderer.update(this.#view, []);
  }

  async event(event: GoalEvent): Promise<void> {
    this.#take({ kind: 'event', event });
    await this.#writing;
  }

  input(input: ProgressInput): void {
    this.#take(input);
  }

  #take(input: ProgressInput): void {
    const { view, lines } = reduce(this.#view, input);
    this.#view = view;
    this.#writing = this.#writing.then(() => this.#renderer.update(view, lines));
  }
}

/** For programs: each durable event as one line of JSON, and nothing else. */
export class JsonSink implements FollowSink {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  async event(event: GoalEvent): Promise<void> {
    await this.#terminal.write(`${JSON.stringify(event)}\n`);
  }

  input(): void {
    // What is not durable has no seq and no place in a log.
  }
}
