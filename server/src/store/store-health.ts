import { storeError, StoreUnavailableError } from './store-fault.js';

export interface HealthListener {
  /** The store takes nothing from now on. Told once until it works again. Must not throw. */
  onTrouble(error: StoreUnavailableError): void;
  /** It takes writes again. Must not throw. */
  onWorksAgain(): void;
  /** The database is damaged. Told once: nothing but a restart helps. Must not throw. */
  onCorrupt(error: StoreUnavailableError): void;
}

const SILENT: HealthListener = {
  onTrouble: () => undefined,
  onWorksAgain: () => undefined,
  onCorrupt: () => undefined,
};

/** Whether the store works. Every failure passes through here, so that one cause is told once and not with every write. */
export class StoreHealth {
  readonly #listener: HealthListener;
  #trouble: StoreUnavailableError | null = null;
  #corrupt = false;

  constructor(listener: HealthListener = SILENT) {
    this.#listener = listener;
  }

  /** Why the store takes nothing now; null while it works. */
  get trouble(): StoreUnavailableError | null {
    return this.#trouble;
  }

  /** Takes note of an error and answers it as it is to be thrown on. */
  failed(error: unknown): unknown {
    const seen = storeError(error);
    if (!(seen instanceof StoreUnavailableError)) return seen;
    if (seen.fault === 'corrupt') {
      if (!this.#corrupt) {
        this.#corrupt = true;
        this.#listener.onCorrupt(seen);
      }
    } else if (this.#trouble === null) {
      this.#listener.onTrouble(seen);
    }
    this.#trouble = seen;
    return seen;
  }

  /** Something was written. */
  worked(): void {
    if (this.#trouble === null || this.#corrupt) return;
    this.#trouble = null;
    this.#listener.onWorksAgain();
  }
}
