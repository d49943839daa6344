import type { ProtocolError } from '@goald/protocol';
import type { WireId } from './read-message.js';

/** The text of an error answer. */
export function encodeError(id: WireId | null, error: ProtocolError): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: { code: error.rpcCode, message: error.message, data: error.data },
  });
}
