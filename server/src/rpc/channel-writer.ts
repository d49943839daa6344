import {
  AbstractMessageWriter,
  Message,
  type MessageWriter,
  type ResponseMessage,
} from 'vscode-jsonrpc/node';
import type { MessageChannel } from './message-channel.js';
import type { ErrorFunnel } from './error-funnel.js';
import type { InFlightTable } from './in-flight-table.js';
import type { InFlightRequest } from './in-flight-request.js';
import type { ReadingPace } from './reading-pace.js';

/** Writes responses under the ids the clients chose and tells the request once its response is queued. */
export class ChannelWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #channel: MessageChannel;
  readonly #inFlight: InFlightTable;
  readonly #funnel: ErrorFunnel;
  readonly #pace: ReadingPace;

  constructor(
    channel: MessageChannel,
    inFlight: InFlightTable,
    funnel: ErrorFunnel,
    pace: ReadingPace,
  ) {
    super();
    this.#channel = channel;
    this.#inFlight = inFlight;
    this.#funnel = funnel;
    this.#pace = pace;
  }

  write(message: Message): Promise<void> {
    if (Message.isResponse(message)) this.#respond(message);
    else this.#channel.send(JSON.stringify(message));
    return Promise.resolve();
  }

  end(): void {
    // The channel is closed by its owner.
  }

  #respond(response: ResponseMessage): void {
    const request =
      typeof response.id === 'number' ? this.#inFlight.finish(response.id) : undefined;
    if (request === undefined) return;
    // With it go the notifications it lets go, and the responses of this tick.
    this.#channel.cork();
    this.#channel.send(this.#encode(response, request));
    request.responded();
    this.#pace.answered();
  }

  #encode(response: ResponseMessage, request: InFlightRequest): string {
    const head = { jsonrpc: '2.0', id: request.wireId };
    try {
      return JSON.stringify(
        response.error === undefined
          ? { ...head, result: response.result }
          : { ...head, error: response.error },
      );
    } catch (error) {
      const answer = this.#funnel.answerTo(error, request.method);
      return JSON.stringify({ ...head, error: answer.toJson() });
    }
  }
}
