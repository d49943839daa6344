import {
  ProtocolError,
  requests,
  type ParamsOf,
  type RequestMessage,
  type RequestName,
  type RequestOf,
  type ResultOf,
} from '@goald/protocol';
import { cancelled, ErrorFunnel, type IncidentListener } from './error-funnel.js';
import { invalidParams } from './invalid-params.js';
import type { RequestContext } from './request-context.js';
import { alreadyInitialized } from './session.js';

/** Answers one method. Throws ProtocolError for the client, anything else for the log. */
export type Handler<M extends RequestMessage> = (
  params: ParamsOf<M>,
  context: RequestContext,
) => ResultOf<M> | Promise<ResultOf<M>>;

export type HandlerTable = { readonly [Name in RequestName]: Handler<RequestOf<Name>> };

export interface RouterOptions {
  readonly handlers: HandlerTable;
  /** Methods of the dialect that goald knows and does not serve: answered method_not_supported. */
  readonly notServed?: ReadonlySet<string>;
  readonly onIncident: IncidentListener;
}

type Route = (params: unknown, context: RequestContext) => unknown;

/** From a method and its raw parameters to the result of its handler. */
export class Router {
  /** Shared with whoever else answers requests. */
  readonly funnel: ErrorFunnel;
  readonly #routes = new Map<string, Route>();
  readonly #notServed: ReadonlySet<string>;

  constructor(options: RouterOptions) {
    this.funnel = new ErrorFunnel(options.onIncident);
    this.#notServed = options.notServed ?? new Set();
    for (const name of requestNames()) {
      this.#routes.set(requests[name].method, routeOf(name, options.handlers));
    }
  }

  /** Resolves to the result. Rejects with a ResponseError and nothing else. */
  async dispatch(
    context: RequestContext,
    params: unknown,
    isAborted: () => boolean,
  ): Promise<unknown> {
    const { method } = context;
    if (isAborted()) throw cancelled();
    try {
      return await this.#routeTo(context)(params, context);
    } catch (error) {
      throw this.funnel.answerTo(error, method, isAborted());
    }
  }

  #routeTo({ session, method }: RequestContext): Route {
    const opens = method === requests.initialize.method;
    if (!session.initialized && !opens) {
      throw new ProtocolError('not_initialized', 'Not initialized');
    }
    if (session.initialized && opens) throw alreadyInitialized();
    const route = this.#routes.get(method);
    if (route !== undefined) return route;
    if (this.#notServed.has(method)) {
      throw new ProtocolError('method_not_supported', `goald does not serve ${shorten(method)}.`);
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
