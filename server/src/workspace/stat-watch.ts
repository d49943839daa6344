import { statSync } from 'node:fs';
import type { FSWatcher } from 'chokidar';
import type { FileLook, FileWatch } from '../engine/ports/file-watch.js';

/** How soon a change is seen where the system tells of none, as on a network drive or when it has no watches left. */
const LOOK_AGAIN_MS = 2000;

/** Watches paths: the system's events say when to look, the stat says whether something changed. */
export class StatWatch implements FileWatch {
  readonly #lookAgainMs: number;

  constructor(options: { lookAgainMs?: number } = {}) {
    this.#lookAgainMs = options.lookAgainMs ?? LOOK_AGAIN_MS;
  }

  look(path: string): FileLook {
    try {
      const { ino, size, mtimeNs, ctimeMs } = statSync(path, { bigint: true });
      return { stamp: [ino, size, mtimeNs].join(' '), changedAtMs: Number(ctimeMs) };
    } catch {
      return { stamp: 'absent', changedAtMs: null };
    }
  }

  watch(path: string, stamp: string, onChange: () => void): Disposable {
    let over = false;
    let watcher: FSWatcher | null = null;
    const stop = (): void => {
      over = true;
      clearInterval(timer);
      // Its own files are closed a moment later; nobody waits for that.
      watcher?.close().catch(() => undefined);
    };
    const look = (): void => {
      if (over || this.look(path).stamp === stamp) return;
      stop();
      onChange();
    };
    const timer = setInterval(look, this.#lookAgainMs);
    timer.unref();
    // Loaded with the first wait of this kind, so that it costs no start-up time. Without it the timer alone looks.
    import('chokidar')
      .then(({ watch }) => {
        if (over) return;
        watcher = watch(path, { ignoreInitial: true, depth: 0 });
        watcher.on('all', look).on('ready', look);
        watcher.on('error', () => undefined);
      })
      .catch(() => undefined)
      .finally(look);
    return { [Symbol.dispose]: stop };
  }
}
