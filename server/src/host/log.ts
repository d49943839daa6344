import { join } from 'node:path';
import { pino, type Logger } from 'pino';
import { RotatingFile } from './rotating-file.js';
import { withoutSecrets } from './without-secrets.js';

const MAX_BYTES = 5 * 1024 * 1024;
const MAX_FILES = 5;
const SECRET = '[secret]';

export interface LogOptions {
  /** Absolute folder. */
  readonly folder: string;
  readonly level: string;
  /** Texts that must not get into the log, wherever they stand. May grow later. */
  readonly secrets: ReadonlySet<string>;
}

/** The daemon's log: one JSON object a line, never on stdout, in `goald.log`: at most 5 files of 5 MB, the newest without a number. */
export function openLog({ folder, level, secrets }: LogOptions): Logger {
  const file = new RotatingFile(join(folder, 'goald.log'), {
    maxBytes: MAX_BYTES,
    maxFiles: MAX_FILES,
  });
  return pino(
    {
      level,
      base: { pid: process.pid },
      redact: {
        paths: ['apiKey', 'token', '*.apiKey', '*.token', '*.headers'],
        censor: SECRET,
      },
    },
    {
      write: (line: string) => {
        try {
          file.write(withoutSecrets(line, secrets));
        } catch {
          // A full disk is no reason to stop: the line is lost.
        }
      },
    },
  );
}
