import type { People } from '../engine/ports/people.js';
import type { NotificationSink } from '../events/broadcaster.js';
import type { RpcConnection } from './connection.js';

/** All live connections. One leaves by itself when it closes. */
export class ConnectionSet implements NotificationSink, People {
  readonly #connections = new Set<RpcConnection>();
  readonly #leaveListeners = new Set<() => void>();

  get size(): number {
    return this.#connections.size;
  }

  [Symbol.iterator](): IterableIterator<RpcConnection> {
    return this.#connections.values();
  }

  add(connection: RpcConnection): void {
    this.#connections.add(connection);
    connection.session.onLeave(() => {
      for (const listener of [...this.#leaveListeners]) listener();
    });
    const leave = (): void => {
      this.#connections.delete(connection);
    };
    connection.closed.then(leave, leave);
  }

  remove(connection: RpcConnection): void {
    this.#connections.delete(connection);
  }

  /** What clients are sent from here to the end of the tick leaves in one write for each. */
  cork(): void {
    for (const connection of this.#connections) connection.cork();
  }

  /** Sends a serialised notification to every client that wants it. All get the same bytes. */
  broadcast(method: string, text: string): void {
    if (this.#connections.size === 0) return;
    const data = Buffer.from(text);
    for (const connection of this.#connections) connection.notify(data, method);
  }

  /** The same to the clients subscribed to a thread. */
  toThread(threadId: string, method: string, text: string): void {
    let data: Buffer | undefined;
    for (const connection of this.#connections) {
      if (!connection.session.threads.has(threadId)) continue;
      data ??= Buffer.from(text);
      connection.notify(data, method);
    }
  }

  /** The same to those of them that ask a person, whether it is a request or that one needs no answer any more. */
  toPeople(threadId: string, method: string, text: string): void {
    let data: Buffer | undefined;
    for (const connection of this.#connections) {
      const { session } = connection;
      if (!session.threads.has(threadId) || !session.asks(method)) continue;
      data ??= Buffer.from(text);
      connection.notify(data, method);
    }
  }

  isThere(threadId: string, method: string, requestId: string): boolean {
    for (const { session } of this.#connections) {
      if (session.canAsk(threadId, method, requestId)) return true;
    }
    return false;
  }

  onLeave(listener: () => void): Disposable {
    this.#leaveListeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#leaveListeners.delete(listener);
      },
    };
  }

  /** Closes every connection and resolves when all that they owned is disposed. */
  async closeAll(code: number, reason: string): Promise<void> {
    const connections = [...this.#connections];
    for (const connection of connections) connection.close(code, reason);
    await Promise.allSettled(connections.map((connection) => connection.closed));
  }
}
