import type { Message, MessageStrategy } from 'vscode-jsonrpc/node';

type Queue = (message: Message) => void;
type Handle = Parameters<MessageStrategy['handleMessage']>[1];

/** So long one client may keep the others waiting, in milliseconds. */
const TURN_MS = 2;

/**
 * Has the messages that came in one turn of the event loop handled in one: vscode-jsonrpc takes a turn for each, and writes that could
 * share a commit would not meet.
 */
export class Arrivals implements MessageStrategy {
  /** What came after the message that stands in the queue of vscode-jsonrpc. */
  #behind: Message[] = [];
  #queue: Queue | undefined;

  /** Takes a message in; `queue` is given the one that vscode-jsonrpc has to call for. */
  take(message: Message, queue: Queue): void {
    if (this.#queue !== undefined) {
      this.#behind.push(message);
      return;
    }
    this.#queue = queue;
    queue(message);
  }

  async handleMessage(message: Message, next: Handle): Promise<void> {
    const until = performance.now() + TURN_MS;
    const handle = async (one: Message): Promise<void> => {
      await next(one);
    };
    const handled = [handle(message)];
    let count = 0;
    for (const one of this.#behind) {
      if (performance.now() > until) break;
      count += 1;
      handled.push(handle(one));
    }
    this.#goOn(this.#behind.slice(count));
    await Promise.all(handled);
  }

  /** Leaves the rest for the next turn. */
  #goOn([message, ...behind]: readonly Message[]): void {
    this.#behind = behind;
    if (message === undefined) this.#queue = undefined;
    else this.#queue?.(message);
  }
}
