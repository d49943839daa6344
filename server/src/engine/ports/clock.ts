/** Time as the engine sees it. Tests inject one they can move. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Milliseconds since some moment; stands still while the machine sleeps, where the system tells. For measuring work. */
  uptime(): number;
  /** Calls `callback` once at or after `atMs` (Unix milliseconds). The callback must not throw. Disposing it earlier cancels it. */
  schedule(atMs: number, callback: () => void): Disposable;
}
