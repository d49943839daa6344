/**
 * Which requests that passed through have had no answer yet. What is no valid message counts as a request too, since the daemon
 * answers it.
 */
export class OutstandingRequests {
  readonly #counts = new Map<string, number>();

  get size(): number {
    return this.#counts.size;
  }

  /** Notes a message on its way to the daemon. */
  sent(text: string): void {
    const key = askedKey(parse(text));
    if (key !== undefined) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Notes a message on its way to the client. */
  received(text: string): void {
    const message = parse(text);
    if (!isRecord(message) || 'method' in message) return;
    const key = idKey(message['id']);
    const left = (this.#counts.get(key) ?? 0) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}

function askedKey(message: unknown): string | undefined {
  if (!isRecord(message)) return idKey(null);
  if (typeof message['method'] === 'string' && !('id' in message)) return undefined;
  if (!('method' in message) && ('result' in message || 'error' in message)) return undefined;
  return idKey(message['id']);
}

function idKey(id: unknown): string {
  return typeof id === 'string' || typeof id === 'number' ? JSON.stringify(id) : 'null';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
