/**
 * One attached client, its frames already cut. Listeners are attached in the same tick in which the channel is handed over;
 * later ones can miss messages.
 */
export interface MessageChannel {
  /** Unique in this process. */
  readonly id: string;
  readonly kind: 'websocket' | 'unix';
  /** Where the client comes from, for logs: an address and port, or the path of the socket. */
  readonly remote: string;
  /**
   * Calls `listener` with each message, one JSON text each. A frame that is not UTF-8 arrives as U+FFFD alone, which is no
   * JSON text either. The listener must not throw.
   */
  onMessage(listener: (text: string) => void): void;
  /** Calls `listener` once, when nothing can be sent or received any more. It must not throw. */
  onClose(listener: (reason: string) => void): void;
  /** Sends one text frame. After the close it does nothing. A Buffer is sent as it stands and must not be changed afterwards. */
  send(data: string | Buffer): void;
  /** What is sent from here to the end of the tick leaves in one write. */
  cork(): void;
  /** Bytes accepted by `send` that the system has not taken yet. */
  readonly bufferedBytes: number;
  /** Resolves when `bufferedBytes` is below the low-water mark, or the channel is closed. Never rejects. */
  drained(): Promise<void>;
  /** Stops taking in messages; a few that were already on their way may still come. */
  pause(): void;
  resume(): void;
  /** Starts closing. A peer that does not answer the close is cut off after a short grace. `reason` is cut to what a frame can hold. */
  close(code: number, reason: string): void;
}
