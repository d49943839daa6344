import {
  ProtocolError,
  requests,
  type ParamsOf,
  type RequestMessage,
  type RequestName,
  type RequestOf,
  type ResultOf,
} from '@goald/protocol';
import { ResponseError } from 'vscode-jsonrpc/node';
import { cancelled, ErrorFunnel, type IncidentListener } from './error-funnel.js';
import { invalidParams } from './invalid-params.js';
import type { RequestContext } from './request-context.js';
import type { IncomingResponse } from './read-message.js';
import { alreadyInitialized, type Session } from './session.js';

/** Answers one method. Throws ProtocolError for the client, anything else for the log. */
export type Handler<M extends RequestMessage> = (
  params: ParamsOf<M>,
  context: RequestContext,
) => ResultOf<M> | Promise<ResultOf<M>>;

export type HandlerTable = { readonly [Name in RequestName]: Handler<RequestOf<Name>> };

export interface RouterOptions {
  readonly handlers: HandlerTable;
  /** Methods of the dialect that goald knows and does not serve, with the reason: answered method_not_supported. */
  readonly notServed?: ReadonlyMap<string, string>;
  readonly onIncident: IncidentListener;
  /** Takes what clients answer to requests of the daemon. Without it, none is known. */
  readonly answers?: AnswerTaker;
  /** Runs what can share a commit with others. Without it, each request is handled by itself. */
  readonly group?: SharedCommit;
}

/** Takes the answers of clients. False for an answer to nothing. Must not throw. */
export type AnswerTaker = (session: Session, response: IncomingResponse) => boolean;

/** Where small writes wait for each other. */
export interface SharedCommit {
  /** Resolves to the result of `work`, or rejects with what it threw, once all that it wrote is committed. */
  run<T>(work: () => T): Promise<T>;
  /** Does what waits at once. */
  flush(): void;
}

/** Writes of one short transaction, and nothing else: no process, no turn hangs on them. */
const SHARES_COMMIT: ReadonlySet<string> = new Set([
  requests.threadGoalSet.method,
  requests.threadGoalPause.method,
  requests.threadGoalResume.method,
  requests.threadGoalClear.method,
  requests.threadNameSet.method,
]);

type Route = (params: unknown, context: RequestContext) => unknown;

/** From a method and its raw parameters to the result of its handler. */
export class Router {
  /** Shared with whoever else answers requests. */
  readonly funnel: ErrorFunnel;
  readonly #routes = new Map<string, Route>();
  readonly #notServed: ReadonlyMap<string, string>;
  readonly #group: SharedCommit | undefined;
  readonly #answers: AnswerTaker;

  constructor(options: RouterOptions) {
    this.#group = options.group;
    this.#answers = options.answers ?? (() => false);
    this.funnel = new ErrorFunnel(options.onIncident);
    this.#notServed = options.notServed ?? new Map();
    for (const name of requestNames()) {
      this.#routes.set(requests[name].method, routeOf(name, options.handlers));
    }
  }

  /**
   * Resolves to the result. Rejects with a ResponseError and nothing else. What is settled in this very tick is so after the same
   * number of steps, failed or not: answers keep the order of their requests.
   */
  dispatch(context: RequestContext, params: unknown, isAborted: () => boolean): Promise<unknown> {
    const handle = (): unknown => {
      if (isAborted()) throw cancelled();
      return this.#routeTo(context)(params, context);
    };
    return this.#run(context.method, handle).catch((error: unknown) => {
      throw error instanceof ResponseError
        ? error
        : this.funnel.answerTo(error, context.method, isAborted());
    });
  }

  /** Takes an answer of a client. False when nothing was asked under its id. */
  answered(session: Session, response: IncomingResponse): boolean {
    this.#group?.flush();
    return this.#answers(session, response);
  }

  #run(method: string, handle: () => unknown): Promise<unknown> {
    const group = this.#group;
    if (group !== undefined) {
      if (SHARES_COMMIT.has(method)) return group.run(handle);
      // Requests are handled in the order in which they came: this one sees what those before it wrote.
      group.flush();
    }
    return new Promise((resolve) => {
      resolve(handle());
    });
  }

  #routeTo({ session, method }: RequestContext): Route {
    const opens = method === requests.initialize.method;
    if (!session.initialized && !opens) {
      throw new ProtocolError('not_initialized', 'Not initialized');
    }
    if (session.initialized && opens) throw alreadyInitialized();
    const route = this.#routes.get(method);
    if (route !== undefined) return route;
    const why = this.#notServed.get(method);
    if (why !== undefined) {
      throw new ProtocolError('method_not_supported', `goald does not serve ${method}: ${why}.`);
    }
    throw new ProtocolError('method_not_found', `Unknown method: ${shorten(method)}`);
  }
}

function routeOf<Name extends RequestName>(name: Name, handlers: Pick<HandlerTable, Name>): Route {
  return bind<RequestOf<Name>>(requests[name], handlers[name]);
}

function bind<M extends RequestMessage>(message: M, handler: Handler<M>): Route {
  const schema: M['params'] = message.params;
  return (params, context) => {
    const read = schema.safeParse(params === undefined ? {} : params);
    if (!read.success) throw invalidParams(read.error);
    return handler(read.data, context);
  };
}

function requestNames(): RequestName[] {
  return Object.keys(requests).filter((name): name is RequestName => name in requests);
}

function shorten(method: string): string {
  return method.length > 200 ? `${method.slice(0, 200)}…` : method;
}
