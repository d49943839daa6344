import { connect } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { ProtocolError } from '@goald/protocol';
import { WebSocket } from 'ws';
import { encodeFrame, StreamDecoder, type Frame } from './framing.js';
import { CLOSE_CODE, LOW_WATER_BYTES, MAX_MESSAGE_BYTES } from './limits.js';
import { OutstandingRequests } from './outstanding-requests.js';
import { toBuffer } from './raw-data.js';

/** How long answers are waited for after the input has ended. */
const LAST_ANSWERS_MS = 2000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How long the daemon may take to answer the close. */
const CLOSE_TIMEOUT_MS = 500;

export interface ForwardOptions {
  /** The socket of the home's daemon. */
  readonly socketPath: string;
  /** Resolves when the daemon runs and listens on the socket; starts it if need be. */
  readonly ensureDaemon: () => Promise<void>;
  readonly input: Readable;
  readonly output: Writable;
  /** Ends the pass-through at once. */
  readonly signal?: AbortSignal;
}

/** Why the pass-through ended. */
export type ForwardEnd = 'input-ended' | 'output-gone' | 'daemon-gone' | 'aborted';

/**
 * Passes messages between a byte stream (JSON lines or Content-Length framing, as the first bytes say) and the daemon until one
 * of them ends, then flushes the output. Rejects only when the daemon cannot be reached at the start.
 */
export async function forwardStdio(options: ForwardOptions): Promise<ForwardEnd> {
  await options.ensureDaemon();
  const ws = createWebSocket(options.socketPath);
  const forwarder = new StdioForwarder(ws, options);
  await opened(ws);
  return forwarder.run();
}

class StdioForwarder {
  readonly #ws: WebSocket;
  readonly #options: ForwardOptions;
  readonly #decoder = new StreamDecoder(MAX_MESSAGE_BYTES);
  readonly #outstanding = new OutstandingRequests();
  #held: Buffer[] = [];
  #inputEnded = false;
  #over = false;
  #end: (reason: ForwardEnd) => void = () => undefined;
  readonly #ended = new Promise<ForwardEnd>((resolve) => {
    this.#end = resolve;
  });

  constructor(ws: WebSocket, options: ForwardOptions) {
    this.#ws = ws;
    this.#options = options;
    ws.on('message', (data) => {
      this.#fromDaemon(toBuffer(data));
    });
    ws.on('close', () => {
      this.#end('daemon-gone');
    });
  }

  async run(): Promise<ForwardEnd> {
    const { input, output, signal } = this.#options;
    const abort = (): void => {
      this.#end('aborted');
    };
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
    output.on('error', () => {
      this.#end('output-gone');
    });
    output.on('drain', () => {
      this.#ws.resume();
    });
    this.#readInput(input);
    const reason = await this.#ended;
    this.#over = true;
    signal?.removeEventListener('abort', abort);
    input.pause();
    this.#releaseOutput();
    await Promise.all([this.#close(), reason === 'aborted' ? undefined : flushed(output)]);
    return reason;
  }

  #readInput(input: Readable): void {
    input.on('data', (chunk: Buffer | string) => {
      this.#fromClient(this.#decoder.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk));
    });
    input.once('end', () => {
      this.#fromClient(this.#decoder.end());
      this.#finishInput();
    });
    input.once('close', () => {
      this.#finishInput();
    });
    input.on('error', () => {
      this.#finishInput();
    });
    if (input.readableEnded || input.destroyed) this.#finishInput();
  }

  #fromClient(frames: readonly Frame[]): void {
    this.#releaseOutput();
    for (const frame of frames) {
      if (frame.kind === 'message') this.#send(frame.bytes);
      else this.#write(refusalOf(frame.kind));
    }
  }

  #send(bytes: Buffer): void {
    if (this.#over || this.#ws.readyState !== WebSocket.OPEN) return;
    this.#outstanding.sent(bytes.toString('utf8'));
    const { input } = this.#options;
    this.#ws.send(bytes, { binary: false }, () => {
      if (this.#ws.bufferedAmount < LOW_WATER_BYTES && !this.#over) input.resume();
    });
    if (this.#ws.bufferedAmount >= LOW_WATER_BYTES) input.pause();
  }

  #fromDaemon(message: Buffer): void {
    this.#outstanding.received(message.toString('utf8'));
    this.#write(message);
    if (this.#inputEnded && this.#outstanding.size === 0) this.#end('input-ended');
  }

  #write(message: Buffer): void {
    const framing = this.#decoder.framing;
    if (framing === undefined) {
      this.#held.push(message);
      return;
    }
    const { output } = this.#options;
    if (output.writable && !output.write(encodeFrame(framing, message))) this.#ws.pause();
  }

  #releaseOutput(): void {
    if (this.#decoder.framing === undefined) return;
    for (const message of this.#held.splice(0)) this.#write(message);
  }

  #finishInput(): void {
    if (this.#inputEnded) return;
    this.#inputEnded = true;
    if (this.#outstanding.size === 0) {
      this.#end('input-ended');
      return;
    }
    setTimeout(() => {
      this.#end('input-ended');
    }, LAST_ANSWERS_MS).unref();
  }

  /** What was sent before is read by the daemon before it sees the close. */
  async #close(): Promise<void> {
    if (this.#ws.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#ws.terminate();
      }, CLOSE_TIMEOUT_MS);
      this.#ws.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#ws.resume();
      this.#ws.close(CLOSE_CODE.normal);
    });
  }
}

function createWebSocket(socketPath: string): WebSocket {
  const ws = new WebSocket('ws://localhost/', {
    createConnection: () => connect(socketPath),
    perMessageDeflate: false,
    skipUTF8Validation: true,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    maxPayload: 0,
  });
  // After the handshake the close that follows an error says all there is to say.
  ws.on('error', () => undefined);
  return ws;
}

function opened(ws: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    ws.once('error', reject);
    ws.once('open', () => {
      ws.off('error', reject);
      resolve();
    });
  });
}

function refusalOf(kind: 'oversized' | 'malformed'): Buffer {
  const error =
    kind === 'oversized'
      ? new ProtocolError(
          'invalid_request',
          `The message is longer than ${MAX_MESSAGE_BYTES} bytes and was skipped. Send less at once.`,
        )
      : new ProtocolError('parse_error', 'Headers without a usable Content-Length were skipped.');
  return Buffer.from(
    JSON.stringify({
      jsonrpc: '2.0',
      id: null,
      error: { code: error.rpcCode, message: error.message, data: error.data },
    }),
  );
}

/** Resolves when the system has taken everything written, or never will. */
function flushed(output: Writable): Promise<void> {
  if (!output.writable) return Promise.resolve();
  return new Promise((resolve) => {
    output.once('close', resolve);
    output.write('', () => {
      resolve();
    });
  });
}
