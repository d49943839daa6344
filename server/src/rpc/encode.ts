import type { NotificationMessage, ParamsOf, ProtocolError } from '@goald/protocol';
import type { WireId } from './read-message.js';

/** The text of a notification as it stands on the wire, made once for all who get it. */
export function encodeNotification<M extends NotificationMessage>(
  message: M,
  params: ParamsOf<M>,
): string {
  return JSON.stringify({ jsonrpc: '2.0', method: message.method, params });
}

/** The text of an error answer. */
export function encodeError(id: WireId | null, error: ProtocolError): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: { code: error.rpcCode, message: error.message, data: error.data },
  });
}
