import type { RpcConnection } from './connection.js';

/** All live connections. One leaves by itself when it closes. */
export class ConnectionSet {
  readonly #connections = new Set<RpcConnection>();

  get size(): number {
    return this.#connections.size;
  }

  [Symbol.iterator](): IterableIterator<RpcConnection> {
    return this.#connections.values();
  }

  add(connection: RpcConnection): void {
    this.#connections.add(connection);
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

  /** Closes every connection and resolves when all that they owned is disposed. */
  async closeAll(code: number, reason: string): Promise<void> {
    const connections = [...this.#connections];
    for (const connection of connections) connection.close(code, reason);
    await Promise.allSettled(connections.map((connection) => connection.closed));
  }
}
