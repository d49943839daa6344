import type { RequestContext } from './request-context.js';
import type { WireId } from './read-message.js';
import type { Session } from './session.js';

/** A request between its arrival and its response. */
export class InFlightRequest implements RequestContext {
  readonly session: Session;
  /** The id the client chose. */
  readonly wireId: WireId;
  readonly method: string;
  readonly params: unknown;
  readonly #callbacks: (() => void)[] = [];
  #controller: AbortController | undefined;
  #aborted = false;

  constructor(
    session: Session,
    request: { readonly id: WireId; readonly method: string; readonly params: unknown },
  ) {
    this.session = session;
    this.wireId = request.id;
    this.method = request.method;
    this.params = request.params;
  }

  /** Made when first asked for: most handlers never look at it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  afterResponse(callback: () => void): void {
    this.#callbacks.push(callback);
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }

  /** The response has been queued. */
  responded(): void {
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}
