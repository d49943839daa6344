import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import type { ServerProcess } from '../../engine/ports/server-process.js';

const LINE_END = 0x0a;
const INTERNAL_ERROR = -32_603;

/** Messages as lines of JSON over the standard input and output of a program. */
export class ProcessTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Why it gave the program up; null where it did not. */
  fatal: string | null = null;
  readonly #process: ServerProcess;
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #closed = false;

  /** A longer message than `maxBytes` ends the connection. */
  constructor(process: ServerProcess, maxBytes: number) {
    this.#process = process;
    this.#maxBytes = maxBytes;
  }

  start(): Promise<void> {
    const { stdout, exited } = this.#process;
    stdout.on('data', (chunk: Buffer) => {
      this.#read(chunk);
    });
    stdout.once('close', () => {
      this.#close();
    });
    void exited.then(() => {
      this.#close();
    });
    return Promise.resolve();
  }

  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((fulfil, reject) => {
      this.#process.stdin.write(`${JSON.stringify(message)}\n`, (error) => {
        if (error == null) fulfil();
        else reject(error);
      });
    });
  }

  async close(): Promise<void> {
    this.#close();
    await this.#process.end();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
  }

  #read(chunk: Buffer): void {
    for (let from = 0; !this.#closed;) {
      const at = chunk.indexOf(LINE_END, from);
      const piece = chunk.subarray(from, at === -1 ? undefined : at);
      this.#bytes += piece.byteLength;
      if (this.#bytes > this.#maxBytes) {
        this.#pieces = [];
        this.fatal = `it sent a message of more than ${String(this.#maxBytes)} bytes`;
        this.#close();
        void this.#process.end();
        return;
      }
      this.#pieces.push(piece);
      if (at === -1) return;
      const line = Buffer.concat(this.#pieces).toString('utf8');
      this.#pieces = [];
      this.#bytes = 0;
      from = at + 1;
      if (line.trim() !== '') this.#take(line);
    }
  }

  #take(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      // Programs print to their output what was meant for people: that is no reason to give them up.
      this.onerror?.(new Error('it wrote a line that is not JSON'));
      return;
    }
    for (const message of Array.isArray(value) ? value : [value]) {
      this.onmessage?.(orMalformed(message) as JSONRPCMessage);
    }
  }
}

/** An answer that is none becomes an error at once: whoever waits for it would wait for the timeout. */
function orMalformed(message: unknown): unknown {
  if (!isObject(message) || 'method' in message || !('id' in message)) return message;
  if (isObject(message['result']) || isObject(message['error'])) return message;
  const error = { code: INTERNAL_ERROR, message: 'the answer of the server is malformed' };
  return { jsonrpc: '2.0', id: message['id'], error };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
