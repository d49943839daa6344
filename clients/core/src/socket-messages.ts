import { AbstractMessageReader, AbstractMessageWriter } from 'vscode-jsonrpc/node';
import type {
  DataCallback,
  Disposable as RpcDisposable,
  Message,
  MessageReader,
  MessageWriter,
} from 'vscode-jsonrpc/node';
import type { RawData, WebSocket } from 'ws';

/** Reads one JSON-RPC message from each text frame. What is no message is reported as an error and skipped. */
export class SocketReader extends AbstractMessageReader implements MessageReader {
  readonly #socket: WebSocket;
  #received = 0;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
  }

  /** Messages passed on so far. */
  get received(): number {
    return this.#received;
  }

  override listen(callback: DataCallback): RpcDisposable {
    const onMessage = (data: RawData, isBinary: boolean): void => {
      const message = isBinary ? undefined : parse(data);
      if (message === undefined) {
        this.fireError(new Error('The daemon sent a frame that is no JSON-RPC message.'));
      } else {
        this.#received += 1;
        callback(message);
      }
    };
    const onClose = (): void => {
      this.fireClose();
    };
    this.#socket.on('message', onMessage);
    this.#socket.on('close', onClose);
    return {
      dispose: () => {
        this.#socket.off('message', onMessage);
        this.#socket.off('close', onClose);
      },
    };
  }
}

/** Writes each JSON-RPC message as one text frame. */
export class SocketWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super();
    this.#socket = socket;
  }

  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(JSON.stringify(message), (error) => {
        if (error == null) resolve();
        else reject(error);
      });
    });
  }

  end(): void {
    this.#socket.close(1000);
  }
}

function parse(data: RawData): Message | undefined {
  const text = Array.isArray(data)
    ? Buffer.concat(data).toString('utf8')
    : Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isMessage(value) ? value : undefined;
}

// A daemon has nothing to cancel here, and vscode-jsonrpc handles that notification apart from its queue (and throws when it has no params).
function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  if ('method' in value) {
    return typeof value.method === 'string' && value.method !== '$/cancelRequest';
  }
  return 'id' in value && ('result' in value || 'error' in value);
}
