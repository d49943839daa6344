import type { ModelEvent } from '../../engine/ports/model.js';

/** Reads the chunks of one streamed response, in one provider dialect. */
export interface StreamReader {
  /** True once the provider has sent any output that it will have charged for. */
  readonly outputSeen: boolean;
  /** True once nothing but the provider's closing words can follow. */
  readonly closing: boolean;
  /** How long the closing words are waited for, in milliseconds. */
  readonly closingMs: number;
  /** The events one chunk leads to. Unknown chunks lead to none. Throws StreamedError for an error told in the stream. */
  read(chunk: unknown): readonly ModelEvent[];
  /** The events due at the end of the stream. Throws CutStreamError when the response was not whole. */
  end(): readonly ModelEvent[];
}

/** The provider told of an error in the middle of a stream that began well. `body` is what it said. */
export class StreamedError extends Error {
  override readonly name = 'StreamedError';
  readonly body: unknown;

  constructor(body: unknown) {
    super('The provider reported an error in its stream.');
    this.body = body;
  }
}

/** The stream ended before the response was whole. */
export class CutStreamError extends Error {
  override readonly name = 'CutStreamError';

  constructor() {
    super('The model server closed the stream before the response was complete.');
  }
}

/** The server answered with success, but with something else than a stream of events. `lasting`: it will again. */
export class NoStreamError extends Error {
  override readonly name = 'NoStreamError';
  readonly lasting: boolean;

  constructor(message: string, lasting: boolean) {
    super(message);
    this.lasting = lasting;
  }
}
