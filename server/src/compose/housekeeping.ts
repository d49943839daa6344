import type { Clock } from '../engine/ports/clock.js';
import { removeOldFiles } from '../host/old-files.js';
import type { OpenStore } from './open-store.js';

const DAY_MS = 86_400_000;

export interface HousekeepingOptions {
  /** What is older is dropped, in days. */
  readonly keptDays: () => number;
  /** Outputs, logs and snapshots: files that nobody asks for when their events are gone. */
  readonly folders: readonly string[];
  readonly clock: Clock;
  readonly onIncident: (error: unknown, where: string) => void;
}

/** Drops at the start and once a day what would grow for ever. */
export class Housekeeping implements AsyncDisposable {
  readonly #opened: OpenStore;
  readonly #options: HousekeepingOptions;
  #timer: Disposable | null = null;
  #removing: Promise<void> = Promise.resolve();

  constructor(opened: OpenStore, options: HousekeepingOptions) {
    this.#opened = opened;
    this.#options = options;
    this.#tidy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    await this.#removing;
  }

  #tidy(): void {
    const { keptDays, clock, folders, onIncident } = this.#options;
    const beforeMs = clock.now() - keptDays() * DAY_MS;
    this.#timer = clock.schedule(clock.now() + DAY_MS, () => {
      this.#tidy();
    });
    try {
      this.#dropRows(beforeMs);
    } catch (error) {
      onIncident(error, 'housekeeping');
    }
    this.#removing = Promise.all(folders.map((folder) => removeOldFiles(folder, beforeMs))).then(
      () => undefined,
      (error: unknown) => {
        onIncident(error, 'housekeeping');
      },
    );
  }

  #dropRows(beforeMs: number): void {
    const { store, repositories } = this.#opened;
    store.write((tx) => {
      repositories.idempotency.prune(tx.nowMs);
      store.events.prune(beforeMs);
    });
  }
}
