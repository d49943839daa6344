import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { goalSetup } from '../../helpers/goal-setup.js';
import { sequence } from '../../helpers/model-server/index.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { CLAIM, runs } from '../api/support/scripts.js';

it.each(['workspace-write', 'danger-full-access'] as const)(
  'what whoever started the daemon has left open in it is not open to commands in %s',
  async (sandbox) => {
    await using folder = await tempFolder();
    const leftOpen = join(folder.path, 'log');
    await using setup = await goalSetup({
      script: sequence(runs('(echo through >&200) 2>/dev/null; true'), CLAIM),
      daemon: { leftOpen },
    });
    await setup.setGoal({ objective: 'Write.', sandbox });
    expect(await setup.stopped()).toMatchObject({ status: 'complete' });
    expect(readFileSync(leftOpen, 'utf8')).toBe('');
  },
);
