import { EventSizeLimit } from '../models/event-size-limit.js';

/** fetch whose answers are cut off with an error where one event, or the body of an answer that has none, is longer. */
export function boundedFetch(maxBytes: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.body === null) return response;
    const limit = new EventSizeLimit(maxBytes);
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          try {
            limit.see(chunk);
          } catch {
            controller.error(new Error(`it sent a message of more than ${String(maxBytes)} bytes`));
            return;
          }
          controller.enqueue(chunk);
        },
      }),
    );
    const { status, statusText, headers } = response;
    return new Response(body, { status, statusText, headers });
  };
}
