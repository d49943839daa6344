const HEAD_BYTES = 96;
const RESPONSE = /^\{(?:"jsonrpc":"2\.0",)?"id":(\d+),"(result|error)"/;
const NOTIFICATION = /^\{(?:"jsonrpc":"2\.0",)?"method":"([^"]+)"/;

/** What a message is, as far as the client has to know to go on. */
export type Head =
  | { readonly kind: 'response'; readonly id: number; readonly failed: boolean }
  | { readonly kind: 'notification'; readonly method: string };

/** Reads it from the first bytes: parsing every answer would measure the client. An unusual order of fields is parsed. */
export function readHead(text: Buffer): Head {
  const start = text.toString('latin1', 0, HEAD_BYTES);
  const response = RESPONSE.exec(start);
  if (response !== null) {
    return { kind: 'response', id: Number(response[1]), failed: response[2] === 'error' };
  }
  const notification = NOTIFICATION.exec(start);
  if (notification !== null) return { kind: 'notification', method: notification[1] ?? '' };
  const message = JSON.parse(text.toString()) as { id?: number; method?: string; error?: unknown };
  return message.method === undefined
    ? { kind: 'response', id: Number(message.id), failed: message.error !== undefined }
    : { kind: 'notification', method: message.method };
}
