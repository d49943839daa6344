import { ProtocolError } from '@goald/protocol';
import { findTooDeep, firstLevel, hasTooManyValues } from './json-depth.js';
import { MAX_NESTING, MAX_VALUES } from './limits.js';

/** An id as a client may choose it. 1 and "1" are two ids. */
export type WireId = string | number;

/** What a client answers to a request of ours. */
export interface IncomingResponse {
  readonly kind: 'response';
  readonly id: WireId | null;
  readonly result: unknown;
  /** It is an error. */
  readonly failed: boolean;
}

/** What one text from the wire is. */
export type IncomingMessage =
  | {
      readonly kind: 'request';
      readonly id: WireId;
      readonly method: string;
      readonly params: unknown;
    }
  | { readonly kind: 'notification'; readonly method: string; readonly params: unknown }
  | IncomingResponse
  /** To be answered with `error`, under `id`. */
  | { readonly kind: 'invalid'; readonly id: WireId | null; readonly error: ProtocolError };

/** Reads one message. Never throws; `jsonrpc` may be absent. */
export function readMessage(text: string): IncomingMessage {
  const tooDeep = findTooDeep(text, MAX_NESTING);
  const tooMany = tooDeep === undefined && hasTooManyValues(text, MAX_VALUES);
  const parsed = parse(tooDeep?.shallow ?? (tooMany ? firstLevel(text) : text));
  if (parsed === undefined) {
    return invalid(null, new ProtocolError('parse_error', 'The message is not JSON in UTF-8.'));
  }
  const message = parsed.value;
  if (Array.isArray(message))
    return refuse(null, 'Batches are not supported: send each message by itself.');
  if (!isRecord(message)) return refuse(null, 'A message is a JSON object.');
  const id = validId(message['id']);
  if (tooDeep !== undefined) {
    return refuse(id, `The message is nested deeper than ${MAX_NESTING} levels.`);
  }
  if (tooMany) {
    return refuse(id, `The message holds more than ${MAX_VALUES} values. Send less at once.`);
  }
  const method = message['method'];
  if (method === undefined && ('result' in message || 'error' in message)) {
    return { kind: 'response', id, result: message['result'], failed: 'error' in message };
  }
  if (typeof method !== 'string') return refuse(id, '"method" has to be a string.');
  const params = message['params'];
  if (!('id' in message)) return { kind: 'notification', method, params };
  if (id === null) {
    return refuse(null, '"id" has to be a string or a number that JSON carries exactly.');
  }
  return { kind: 'request', id, method, params };
}

/** `id` if a request can have it, else null. A number that is not exact here would be echoed as another. */
export function validId(id: unknown): WireId | null {
  if (typeof id === 'string') return id;
  if (typeof id !== 'number' || !Number.isFinite(id)) return null;
  return Math.abs(id) <= Number.MAX_SAFE_INTEGER ? id : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(id: WireId | null, message: string): IncomingMessage {
  return invalid(id, new ProtocolError('invalid_request', message));
}

function invalid(id: WireId | null, error: ProtocolError): IncomingMessage {
  return { kind: 'invalid', id, error };
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
