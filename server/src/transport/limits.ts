/** The longest message goald reads, in bytes, on every transport. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Below this many bytes waiting to be sent a channel counts as drained. */
export const LOW_WATER_BYTES = 64 * 1024;

/** WebSocket close codes goald uses. */
export const CLOSE_CODE = {
  normal: 1000,
  goingAway: 1001,
  unsupportedData: 1003,
  messageTooBig: 1009,
} as const;
