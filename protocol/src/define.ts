import type * as z from 'zod';
import type { ErrorCode } from './errors.js';

export const DIRECTIONS = ['clientToServer', 'serverToClient'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** A request: its method, who sends it, its parameters, its result and the errors of its own. */
export interface RequestMessage<
  Method extends string = string,
  Params extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
> {
  readonly kind: 'request';
  readonly method: Method;
  readonly direction: Direction;
  readonly summary: string;
  readonly params: Params;
  readonly result: Result;
  /** Codes this method answers beside those any method can (invalid_params, internal …). */
  readonly errors: readonly ErrorCode[];
  /** True when the method changes state: the notifications it causes follow its response. Those that change stored state take an idempotencyKey. */
  readonly mutation: boolean;
}

/** A notification: sent once, never answered. */
export interface NotificationMessage<
  Method extends string = string,
  Params extends z.ZodType = z.ZodType,
> {
  readonly kind: 'notification';
  readonly method: Method;
  readonly direction: Direction;
  readonly summary: string;
  readonly params: Params;
}

export type Message = RequestMessage | NotificationMessage;

/** What a caller may write as parameters (defaults not yet filled in). */
export type ParamsInput<M extends Message> = z.input<M['params']>;
/** Parameters after validation. */
export type ParamsOf<M extends Message> = z.output<M['params']>;
export type ResultOf<M extends RequestMessage> = z.output<M['result']>;

/** Declares a request. `direction` defaults to clientToServer, `mutation` to false. */
export function defineRequest<
  const Method extends string,
  Params extends z.ZodType,
  Result extends z.ZodType,
>(message: {
  method: Method;
  summary: string;
  params: Params;
  result: Result;
  errors?: readonly ErrorCode[];
  direction?: Direction;
  mutation?: boolean;
}): RequestMessage<Method, Params, Result> {
  return {
    direction: 'clientToServer',
    errors: [],
    mutation: false,
    ...message,
    kind: 'request',
  };
}

/** Declares a notification. `direction` defaults to serverToClient. */
export function defineNotification<const Method extends string, Params extends z.ZodType>(message: {
  method: Method;
  summary: string;
  params: Params;
  direction?: Direction;
}): NotificationMessage<Method, Params> {
  return { direction: 'serverToClient', ...message, kind: 'notification' };
}
