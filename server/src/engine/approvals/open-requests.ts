import type { GoalEvent } from '@goald/protocol';

/** What turns in flight wait to hear from people. Told by the events of what was decided, so whoever decided it. */
export class OpenRequests {
  readonly #waiting = new Map<string, () => void>();

  /** Resolves when the request was decided or answered. */
  until(requestId: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(requestId, resolve);
    });
  }

  has(requestId: string): boolean {
    return this.#waiting.has(requestId);
  }

  forget(requestId: string): void {
    this.#waiting.delete(requestId);
  }

  hear({ type, data }: GoalEvent): void {
    const id =
      type === 'approval.decided'
        ? data['approvalId']
        : type === 'blocker.resolved'
          ? data['blockerId']
          : undefined;
    if (typeof id === 'string') this.#waiting.get(id)?.();
  }
}
