import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

const ARRIVED = 'http.server.request.start';
const ANSWERED = 'http.server.response.finish';

/** Notes when model requests arrive at a server of this process and when their answers have left, in performance.now(). */
export class RequestClock implements Disposable {
  /** In the order of arrival. */
  readonly arrivedAt: number[] = [];
  /** When the n-th request was answered, once it is. */
  readonly answeredAt: number[] = [];
  readonly #port: number;
  readonly #numbers = new WeakMap<IncomingMessage, number>();
  readonly #onArrived: (message: unknown) => void;
  readonly #onAnswered: (message: unknown) => void;

  /** `url`: of the model server, which has to be in this process. */
  constructor(url: string) {
    this.#port = Number(new URL(url).port);
    this.#onArrived = (message) => {
      const { request } = message as { request: IncomingMessage };
      if (request.method !== 'POST' || request.socket.localPort !== this.#port) return;
      this.#numbers.set(request, this.arrivedAt.length);
      this.arrivedAt.push(performance.now());
    };
    this.#onAnswered = (message) => {
      const number = this.#numbers.get((message as { request: IncomingMessage }).request);
      if (number !== undefined) this.answeredAt[number] = performance.now();
    };
    subscribe(ARRIVED, this.#onArrived);
    subscribe(ANSWERED, this.#onAnswered);
  }

  [Symbol.dispose](): void {
    unsubscribe(ARRIVED, this.#onArrived);
    unsubscribe(ANSWERED, this.#onAnswered);
  }
}
