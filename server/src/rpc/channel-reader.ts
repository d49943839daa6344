import { findNotification, ProtocolError } from '@goald/protocol';
import {
  AbstractMessageReader,
  Disposable,
  type DataCallback,
  type MessageReader,
} from 'vscode-jsonrpc/node';
import type { Arrivals } from './arrivals.js';
import type { MessageChannel } from './message-channel.js';
import { encodeError } from './encode.js';
import { InFlightRequest } from './in-flight-request.js';
import type { InFlightTable } from './in-flight-table.js';
import {
  isRecord,
  readMessage,
  validId,
  type IncomingResponse,
  type WireId,
} from './read-message.js';
import type { ReadingPace } from './reading-pace.js';
import type { Session } from './session.js';

/** LSP's own name for it; no message of the protocol, so it stands in no table. */
const CANCEL_METHOD = '$/cancelRequest';

/** What came in and was ignored, counted. */
export interface IgnoredCounts {
  /** Responses to ids we never sent. */
  responses: number;
  /** Notifications we do not know, and cancellations without a usable id. */
  notifications: number;
}

/**
 * Judges every message before vscode-jsonrpc sees it: only requests and known notifications go on, the requests under ids of our
 * own and with an InFlightRequest in place of their parameters. vscode-jsonrpc only logs most invalid messages and throws in its
 * reader on others.
 */
export class ChannelReader extends AbstractMessageReader implements MessageReader {
  readonly ignored: IgnoredCounts = { responses: 0, notifications: 0 };
  readonly #channel: MessageChannel;
  readonly #session: Session;
  readonly #inFlight: InFlightTable;
  readonly #pace: ReadingPace;
  readonly #arrivals: Arrivals;
  readonly #onResponse: (response: IncomingResponse) => boolean;

  constructor(
    channel: MessageChannel,
    session: Session,
    inFlight: InFlightTable,
    pace: ReadingPace,
    arrivals: Arrivals,
    onResponse: (response: IncomingResponse) => boolean,
  ) {
    super();
    this.#channel = channel;
    this.#session = session;
    this.#inFlight = inFlight;
    this.#pace = pace;
    this.#arrivals = arrivals;
    this.#onResponse = onResponse;
  }

  listen(callback: DataCallback): Disposable {
    let listening = true;
    this.#channel.onMessage((text) => {
      if (listening) this.#receive(text, callback);
    });
    return Disposable.create(() => {
      listening = false;
    });
  }

  #receive(text: string, callback: DataCallback): void {
    const message = readMessage(text);
    switch (message.kind) {
      case 'invalid':
        this.#refuse(message.id, message.error);
        return;
      case 'response':
        if (!this.#onResponse(message)) this.ignored.responses += 1;
        return;
      case 'notification':
        this.#notified(message.method, message.params);
        return;
      case 'request':
        this.#requested(new InFlightRequest(this.#session, message), callback);
    }
  }

  #requested(request: InFlightRequest, callback: DataCallback): void {
    let id: number;
    try {
      id = this.#inFlight.admit(request);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(request.wireId, error);
      return;
    }
    const message = { jsonrpc: '2.0', id, method: request.method, params: request };
    this.#arrivals.take(message, callback);
  }

  #refuse(id: WireId | null, error: ProtocolError): void {
    this.#channel.send(encodeError(id, error));
    this.#pace.answered();
  }

  /** The only one of ours that clients send, `initialized`, asks for nothing: the answer to initialize opened the conversation. */
  #notified(method: string, params: unknown): void {
    if (method === CANCEL_METHOD) {
      const id = isRecord(params) ? validId(params['id']) : null;
      // An id that has its answer already is no mistake: the two crossed on their way.
      if (id === null) this.ignored.notifications += 1;
      else this.#inFlight.cancel(id);
      return;
    }
    if (findNotification(method)?.direction !== 'clientToServer') this.ignored.notifications += 1;
  }
}
