import { randomUUID } from 'node:crypto';
import { chmodSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { MessageChannel } from './channel.js';
import { createHttpServer } from './http-server.js';
import { CLOSE_CODE } from './limits.js';
import type { ListenAddress } from './listen-address.js';
import type { RequestGate } from './request-gate.js';
import { TextFrames } from './text-frame.js';
import { prepareSocketPath } from './unix-socket.js';
import { WebSocketChannel } from './websocket-channel.js';

/** It cannot be listened on an address; the message says what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

export interface AddressListenerOptions {
  readonly gate: RequestGate;
  readonly ready: () => boolean;
  readonly onChannel: (channel: MessageChannel) => void;
}

/** One address, its HTTP server and the channels that came in through it. */
export class AddressListener implements AsyncDisposable {
  readonly #address: ListenAddress;
  readonly #onChannel: (channel: MessageChannel) => void;
  readonly #server: Server;
  readonly #channels = new Set<MessageChannel>();
  readonly #frames = new TextFrames();
  #disposing = false;

  constructor(address: ListenAddress, options: AddressListenerOptions) {
    this.#address = address;
    this.#onChannel = options.onChannel;
    this.#server = createHttpServer({
      gate: options.gate,
      ready: options.ready,
      onWebSocket: (ws, socket) => {
        this.#accept(ws, socket);
      },
    });
  }

  /** Starts listening and answers the endpoint as it really is. Throws ListenError or UnixSocketError. */
  async open(): Promise<string> {
    const address = this.#address;
    if (address.kind === 'unix') {
      await prepareSocketPath(address.path);
      await this.#listen(address.path, () => {
        this.#server.listen(address.path);
        // Bound by now, in this very tick: nobody else gets the time to connect.
        closeToOthers(address.path);
      });
      return `unix://${address.path}`;
    }
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    await this.#listen(`${host}:${address.port}`, () => {
      this.#server.listen({ host: address.host, port: address.port });
    });
    const bound = this.#server.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : address.port;
    return `ws://${host}:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposing = true;
    const closed = [...this.#channels].map((channel) => {
      const done = new Promise<void>((resolve) => {
        channel.onClose(() => {
          resolve();
        });
      });
      channel.close(CLOSE_CODE.goingAway, 'The daemon stops.');
      return done;
    });
    if (this.#server.listening) {
      closed.push(
        new Promise((resolve) => {
          this.#server.close(() => {
            resolve();
          });
          this.#server.closeAllConnections();
        }),
      );
    }
    await Promise.all(closed);
  }

  #listen(name: string, start: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const onError = (error: Error): void => {
        reject(new ListenError(`Cannot listen on ${name}: ${error.message}`, { cause: error }));
      };
      this.#server.once('error', onError);
      this.#server.once('listening', () => {
        this.#server.off('error', onError);
        // Later errors (out of file descriptors) concern single connections; the listener stays.
        this.#server.on('error', () => undefined);
        resolve();
      });
      start();
    });
  }

  #accept(ws: WebSocket, socket: Duplex): void {
    const address = this.#address;
    const remote = address.kind === 'unix' ? address.path : remoteOf(socket);
    const identity = { id: randomUUID(), kind: address.kind, remote };
    const channel = new WebSocketChannel(ws, socket, identity, this.#frames);
    if (this.#disposing) {
      channel.close(CLOSE_CODE.goingAway, 'The daemon stops.');
      return;
    }
    this.#channels.add(channel);
    channel.onClose(() => {
      this.#channels.delete(channel);
    });
    this.#onChannel(channel);
  }
}

function closeToOthers(path: string): void {
  try {
    chmodSync(path, 0o600);
  } catch (error) {
    // Not bound: the server's own error event tells why.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

function remoteOf(socket: Duplex): string {
  if (!('remoteAddress' in socket) || !('remotePort' in socket)) return 'unknown';
  return `${String(socket.remoteAddress)}:${String(socket.remotePort)}`;
}
