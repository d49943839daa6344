import { statSync } from 'node:fs';
import type { Config } from '@goald/protocol';
import type { FSWatcher } from 'chokidar';
import type { EnvironmentSettings } from './environment.js';
import { loadConfig } from './load-config.js';

export interface ConfigListener {
  /** The file changed and is valid. */
  onReload(config: Config): void;
  /** The file changed and cannot be used; the configuration before stays. */
  onProblem(error: unknown): void;
}

/** How soon a change of the file is noticed, at most. */
const POLL_MS = 500;
/** The watcher's first look comes a moment after it says that it is ready: what changes in between is looked for then. */
const FIRST_LOOKS_MS = [0, 1000, 5000];

/** The configuration in force. It follows its file while it is watched. */
export class ConfigSource implements AsyncDisposable {
  readonly #path: string;
  readonly #environment: EnvironmentSettings;
  #current: Config;
  #watching: Promise<FSWatcher | null> | null = null;
  readonly #looks: NodeJS.Timeout[] = [];
  #seen = '';

  constructor(path: string, environment: EnvironmentSettings, current: Config) {
    this.#path = path;
    this.#environment = environment;
    this.#current = current;
  }

  get current(): Config {
    return this.#current;
  }

  /** Follows the file from now on. The watcher itself is loaded a moment later, so that it costs no start-up time. */
  watch(listener: ConfigListener): void {
    this.#watching ??= this.#startWatching(listener).catch((error: unknown) => {
      listener.onProblem(error);
      return null;
    });
  }

  async #startWatching(listener: ConfigListener): Promise<FSWatcher> {
    this.#seen = stampOf(this.#path);
    const { watch } = await import('chokidar');
    const reload = (): void => {
      void this.#reload(listener);
    };
    // Polled, because the events of its folder come with every commit when the database lies beside it.
    const watcher = watch(this.#path, {
      ignoreInitial: true,
      usePolling: true,
      interval: POLL_MS,
      awaitWriteFinish: { stabilityThreshold: 50, pollInterval: 20 },
    });
    watcher.on('add', reload).on('change', reload).on('unlink', reload);
    watcher.on('ready', () => {
      const look = (): void => {
        if (stampOf(this.#path) !== this.#seen) reload();
      };
      for (const ms of FIRST_LOOKS_MS) this.#looks.push(setTimeout(look, ms).unref());
    });
    watcher.on('error', (error) => {
      listener.onProblem(error);
    });
    return watcher;
  }

  async #reload(listener: ConfigListener): Promise<void> {
    // A file that changes while it is read may have been half-written, and need not be told of again.
    do {
      this.#seen = stampOf(this.#path);
      try {
        this.#current = await loadConfig(this.#path, this.#environment);
        listener.onReload(this.#current);
      } catch (error) {
        listener.onProblem(error);
      }
    } while (this.#seen !== stampOf(this.#path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const watcher = await this.#watching;
    for (const look of this.#looks.splice(0)) clearTimeout(look);
    this.#watching = null;
    await watcher?.close();
  }
}

/** Differs after a change of the file. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`;
}
