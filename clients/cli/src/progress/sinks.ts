import type { EventType, Goal, GoalEvent } from '@goald/protocol';
import type { Terminal } from '../terminal/terminal.js';
import type { FollowSink } from './follow.js';
import { reduce } from './reducer.js';
import type { Renderer } from './renderer.js';
import { initialView, type ProgressInput, type View } from './view.js';

/** For people: reduces what happens to a view and shows it. */
export class HumanSink implements FollowSink {
  readonly #renderer: Renderer;
  readonly #leftOut: readonly EventType[];
  #view: View;
  #writing: Promise<void>;

  /** `leftOut`: events that somebody else shows. */
  constructor(
    renderer: Renderer,
    goal: Goal | null,
    atMs: number,
    leftOut: readonly EventType[] = [],
  ) {
    this.#renderer = renderer;
    this.#leftOut = leftOut;
    this.#view = initialView(goal, atMs);
    this.#writing = renderer.update(this.#view, []);
  }

  async event(event: GoalEvent): Promise<void> {
    if (!this.#leftOut.includes(event.type)) this.#take({ kind: 'event', event });
    await this.#writing;
  }

  input(input: ProgressInput): void {
    this.#take(input);
  }

  /** Runs `ask` with the screen for itself, when all lines so far are on it; what happens meanwhile is shown afterwards. */
  async aside<T>(ask: () => Promise<T>): Promise<T> {
    const asked = this.#writing.then(async () => {
      await using _held = await this.#renderer.hold();
      return await ask();
    });
    const shown = this.#writing;
    this.#writing = asked.then(
      () => undefined,
      () => shown,
    );
    return asked;
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
