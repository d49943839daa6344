import type { ParamsOf, RequestMessage, ResultOf } from '@goald/protocol';
import type { Session, WireRequest } from './session.js';

/** A request of the daemon, for a person. */
export interface Asked<M extends RequestMessage> {
  readonly params: ParamsOf<M>;
  /** The same wherever and however often it is asked. */
  readonly requestId: string;
  /** Aborts when no answer is needed any more: another client gave one, or it was withdrawn. */
  readonly signal: AbortSignal;
}

/** Answers a request of the daemon. A rejection tells the daemon that this client cannot ask. */
export type Answerer<M extends RequestMessage> = (asked: Asked<M>) => Promise<ResultOf<M>>;

interface OpenRequest {
  /** Where it was asked last: a request that is still open is asked again on each new session. */
  session: Session;
  readonly over: AbortController;
  /** What was answered, once it was. */
  result: unknown;
  answered: boolean;
}

type AnyAnswerer = (params: unknown, requestId: string, signal: AbortSignal) => Promise<unknown>;

const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;
const INTERNAL = -32_603;

/** What the daemon asks of people through this client. Each request is put to its answerer once, over lost connections, too. */
export class AskedRequests {
  readonly #answerers = new Map<string, AnyAnswerer>();
  readonly #open = new Map<string, OpenRequest>();

  on<M extends RequestMessage>(message: M, answerer: Answerer<M>): Disposable {
    const entry: AnyAnswerer = async (params, requestId, signal) => {
      const parsed = message.params.safeParse(params);
      if (!parsed.success) throw new UnreadableRequest(parsed.error.message);
      return answerer({ params: parsed.data as ParamsOf<M>, requestId, signal });
    };
    this.#answerers.set(message.method, entry);
    return {
      [Symbol.dispose]: () => {
        if (this.#answerers.get(message.method) === entry) this.#answerers.delete(message.method);
      },
    };
  }

  attach(session: Session): void {
    session.onRequest((request) => {
      this.#take(session, request);
    });
  }

  /** No answer is needed any more. */
  resolved(requestId: string): void {
    const open = this.#open.get(requestId);
    this.#open.delete(requestId);
    open?.over.abort();
  }

  /** The client is closed: nobody will be asked or answered. */
  close(): void {
    for (const requestId of [...this.#open.keys()]) this.resolved(requestId);
  }

  #take(session: Session, { id, method, params }: WireRequest): void {
    const answerer = this.#answerers.get(method);
    if (answerer === undefined) {
      session.fail(id, {
        code: METHOD_NOT_FOUND,
        message: `This client does not answer ${method}.`,
      });
      return;
    }
    const requestId = String(id);
    const before = this.#open.get(requestId);
    if (before === undefined) {
      void this.#ask(session, { id, method, params }, answerer);
      return;
    }
    before.session = session;
    if (before.answered) session.reply(id, before.result);
  }

  async #ask(session: Session, { id, params }: WireRequest, answerer: AnyAnswerer): Promise<void> {
    const requestId = String(id);
    const over = new AbortController();
    const open: OpenRequest = { session, over, result: undefined, answered: false };
    this.#open.set(requestId, open);
    try {
      const result = await answerer(params, requestId, over.signal);
      if (over.signal.aborted) return;
      // Kept until the daemon says that it has it: the connection may be lost on the way.
      open.result = result;
      open.answered = true;
      open.session.reply(id, result);
    } catch (error) {
      if (over.signal.aborted) return;
      this.#open.delete(requestId);
      const unreadable = error instanceof UnreadableRequest;
      const message = error instanceof Error ? error.message : String(error);
      open.session.fail(id, { code: unreadable ? INVALID_PARAMS : INTERNAL, message });
    }
  }
}

class UnreadableRequest extends Error {
  override readonly name = 'UnreadableRequest';
}
