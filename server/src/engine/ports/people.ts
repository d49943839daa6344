/** The people at the clients, as the engine knows them: whether anyone is there who can be asked. */
export interface People {
  /**
   * Whether a client that asks a person is attached to the thread and has not said that it cannot ask for this request. `method`: of the
   * request.
   */
  isThere(threadId: string, method: string, requestId: string): boolean;
  /** Calls `listener`, which must not throw, whenever a client goes, or says that it cannot ask. */
  onLeave(listener: () => void): Disposable;
}
