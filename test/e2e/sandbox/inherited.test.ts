import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { goalSetup } from '../../helpers/goal-setup.js';
import { sequence } from '../../helpers/model-server/index.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { CLAIM, runs } from '../api/support/scripts.js';

// The first ones have another meaning for a command of a sandbox.
const WRITE_TO_ALL = 'for n in 5 6 7 8 9 10; do (echo through >&$n) 2>/dev/null; done; true';

it.each(['workspace-write', 'danger-full-access'] as const)(
  'what whoever started the daemon has left open in it is not open to commands in %s',
  async (sandbox) => {
    await using folder = await tempFolder();
    const path = join(folder.path, 'log');
    const file = openSync(path, 'w');
    try {
      await using setup = await goalSetup({
        script: sequence(runs(WRITE_TO_ALL), CLAIM),
        daemon: { inherits: [file, file, file, file, file, file, file, file] },
      });
      await setup.setGoal({ objective: 'Write.', sandbox });
      expect(await setup.stopped()).toMatchObject({ status: 'complete' });
      expect(readFileSync(path, 'utf8')).toBe('');
    } finally {
      closeSync(file);
    }
  },
);
