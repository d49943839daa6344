/** Requests one connection may have in flight; the next is answered `overloaded`. */
export const MAX_IN_FLIGHT = 256;

/** Event subscriptions one connection may have. Each event is looked at for each of them. */
export const MAX_SUBSCRIPTIONS = 100;

/** How deep containers of a message may be nested, the message itself counted. */
export const MAX_NESTING = 128;

/** How many values the containers of a message may hold together. Each can be wrong on its own, and is then told of. */
export const MAX_VALUES = 20_000;

/** How many of the problems of its parameters a request is told. */
export const MAX_ISSUES = 100;

/** Live notifications waiting for one connection, in bytes: above it, a connection that does not drain is closed. */
export const SLOW_READER_BYTES = 8 * 1024 * 1024;

/** How long it may take to drain, in milliseconds. */
export const SLOW_READER_MS = 5000;

/** Above this many bytes waiting, a connection gets no notifications that may be lost. */
export const EPHEMERAL_BYTES = SLOW_READER_BYTES / 2;

/** Above this many bytes of live notifications waiting, a connection is closed at once. */
export const MAX_WAITING_BYTES = 4 * SLOW_READER_BYTES;

/** The WebSocket close code of a reader that is too slow. */
export const SLOW_READER_CODE = 4008;

/** Above this many bytes waiting to be sent to it, no more requests are read from a connection until it has drained. */
export const ANSWERS_HIGH_WATER_BYTES = 1024 * 1024;

/** Below this many bytes held back a connection counts as drained. */
export const LOW_WATER_BYTES = 64 * 1024;
