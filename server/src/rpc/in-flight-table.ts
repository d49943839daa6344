import { ProtocolError } from '@goald/protocol';
import type { InFlightRequest } from './in-flight-request.js';
import { MAX_IN_FLIGHT } from './limits.js';
import type { WireId } from './read-message.js';

/**
 * The requests of one connection that have no response yet, under ids of our own: vscode-jsonrpc would take 1 and "1" for the
 * same.
 */
export class InFlightTable {
  readonly #byId = new Map<number, InFlightRequest>();
  readonly #ids = new Map<WireId, number>();
  #nextId = 1;

  /** Takes a request in and answers its id here. Throws invalid_request on an id already in flight, overloaded when full. */
  admit(request: InFlightRequest): number {
    if (this.#ids.has(request.wireId)) {
      throw new ProtocolError(
        'invalid_request',
        'A request with this id is still in flight. Use a new id for each request.',
      );
    }
    if (this.#byId.size >= MAX_IN_FLIGHT) {
      throw new ProtocolError('overloaded', 'Server overloaded; retry later.');
    }
    const id = this.#nextId;
    this.#nextId += 1;
    this.#byId.set(id, request);
    this.#ids.set(request.wireId, id);
    return id;
  }

  /** Aborts a request by the client's id. False when it is not in flight. */
  cancel(wireId: WireId): boolean {
    const id = this.#ids.get(wireId);
    if (id === undefined) return false;
    this.#byId.get(id)?.abort();
    return true;
  }

  /** Takes a request out: its response is being written. */
  finish(id: number): InFlightRequest | undefined {
    const request = this.#byId.get(id);
    if (request === undefined) return undefined;
    this.#byId.delete(id);
    this.#ids.delete(request.wireId);
    return request;
  }

  /** Aborts and forgets all: nobody is left to answer. */
  abandon(): void {
    const requests = [...this.#byId.values()];
    this.#byId.clear();
    this.#ids.clear();
    for (const request of requests) request.abort();
  }
}
