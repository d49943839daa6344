import {
  notifications,
  requests,
  type ParamsInput,
  type RequestMessage,
  type ResultOf,
} from '@goald/protocol';
import { SocketWire } from '../helpers/wire/connections.js';

/** A client that is told nothing but the answers to its requests and the events it subscribes to, so that many cost little. */
export class QuietClient implements AsyncDisposable {
  readonly #wire: SocketWire;
  #lastId = 0;

  private constructor(wire: SocketWire) {
    this.#wire = wire;
  }

  static async connect(endpoint: string): Promise<QuietClient> {
    const client = new QuietClient(await SocketWire.open(endpoint));
    const optOutNotificationMethods = Object.values(notifications)
      .map(({ method }): string => method)
      .filter((method) => method !== notifications.goalEvent.method);
    await client.request(requests.initialize, {
      clientInfo: { name: 'soak', version: '1' },
      capabilities: { optOutNotificationMethods },
    });
    return client;
  }

  async request<M extends RequestMessage>(
    message: M,
    params: ParamsInput<M>,
  ): Promise<ResultOf<M>> {
    this.#lastId += 1;
    const answer = await this.#wire.ask(this.#lastId, message.method, params);
    if (answer['error'] !== undefined) throw new Error(JSON.stringify(answer['error']));
    return answer['result'] as ResultOf<M>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#wire[Symbol.asyncDispose]();
  }
}
