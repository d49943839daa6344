import { isUtf8 } from 'node:buffer';
import type { Duplex } from 'node:stream';
import { WebSocket, type RawData } from 'ws';
import type { MessageChannel } from './channel.js';
import { CLOSE_CODE, LOW_WATER_BYTES } from './limits.js';
import { toBuffer } from './raw-data.js';
import type { TextFrames } from './text-frame.js';

/** How long a peer may take to answer a close before its socket is destroyed; one that has much left to read first, longer. */
const CLOSE_GRACE_MS = 1000;
const CLOSE_GRACE_BEHIND_MS = 10_000;
/** A close frame holds 125 bytes, two of which are the code. */
const MAX_REASON_BYTES = 123;
const NOT_UTF8 = '\uFFFD';

export interface ChannelIdentity {
  readonly id: string;
  readonly kind: 'websocket' | 'unix';
  readonly remote: string;
}

/** A client on a WebSocket, over TCP or over a Unix socket. */
export class WebSocketChannel implements MessageChannel {
  readonly id: string;
  readonly kind: 'websocket' | 'unix';
  readonly remote: string;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #frames: TextFrames;
  readonly #lowWater: number;
  readonly #closeListeners: ((reason: string) => void)[] = [];
  #messageListener: ((text: string) => void) | undefined;
  #waiters: (() => void)[] = [];
  #closed: string | undefined;
  #closing = false;
  #corked = false;
  readonly #uncork = (): void => {
    this.#corked = false;
    this.#socket.uncork();
  };

  /**
   * `socket` is the stream under `ws`; its drain says when the system took what was sent. Text goes straight to it: without
   * compression ws keeps no queue of its own, so nothing can come between.
   */
  constructor(ws: WebSocket, socket: Duplex, identity: ChannelIdentity, frames: TextFrames) {
    this.id = identity.id;
    this.kind = identity.kind;
    this.remote = identity.remote;
    this.#ws = ws;
    this.#socket = socket;
    this.#frames = frames;
    // A stream tells its drain only after its own mark was passed: ours must not lie below it.
    this.#lowWater = Math.max(LOW_WATER_BYTES, socket.writableHighWaterMark);
    ws.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    ws.on('close', (code, reason) => {
      this.#finish(`${code} ${reason.toString('utf8')}`.trim());
    });
    // What went wrong is told by the close that follows; unheard, the event would end the process.
    ws.on('error', () => undefined);
    socket.on('drain', () => {
      this.#wake();
    });
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  onMessage(listener: (text: string) => void): void {
    this.#messageListener = listener;
  }

  onClose(listener: (reason: string) => void): void {
    if (this.#closed === undefined) this.#closeListeners.push(listener);
    else listener(this.#closed);
  }

  send(data: string | Buffer): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#socket.write(this.#frames.frameOf(data));
  }

  cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(this.#uncork);
  }

  drained(): Promise<void> {
    if (this.#closed !== undefined || this.bufferedBytes < this.#lowWater) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  pause(): void {
    if (!this.#closing) this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  close(code: number, reason: string): void {
    if (this.#closing || this.#closed !== undefined) return;
    this.#closing = true;
    // The answer to the close stands behind what was not read yet.
    this.#ws.resume();
    this.#ws.close(code, cutToBytes(reason, MAX_REASON_BYTES));
    const isBehind = code !== CLOSE_CODE.goingAway && this.bufferedBytes > this.#lowWater;
    const timer = setTimeout(
      () => {
        this.#ws.terminate();
      },
      isBehind ? CLOSE_GRACE_BEHIND_MS : CLOSE_GRACE_MS,
    );
    this.onClose(() => {
      clearTimeout(timer);
    });
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closing) return;
    if (isBinary) {
      this.close(CLOSE_CODE.unsupportedData, 'Send text frames, one JSON message each.');
      return;
    }
    const bytes = toBuffer(data);
    this.#messageListener?.(isUtf8(bytes) ? bytes.toString('utf8') : NOT_UTF8);
  }

  #finish(reason: string): void {
    this.#closed = reason;
    this.#wake();
    for (const listener of this.#closeListeners.splice(0)) listener(reason);
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}

function cutToBytes(text: string, limit: number): string {
  let cut = text;
  while (Buffer.byteLength(cut) > limit) cut = cut.slice(0, -1);
  return cut;
}
