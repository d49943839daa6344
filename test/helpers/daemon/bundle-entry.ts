import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { bundleScript } from '../../../.ci/setup/bundle.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * Makes one script of the test entry for a whole run of the tests: through tsx a daemon takes six times the processor time
 * to start, and the tests start hundreds.
 */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(ROOT, 'node_modules', '.goald-test-'));
  const script = join(folder, 'entry.cjs');
  await bundleScript(ROOT, join(import.meta.dirname, 'entry.ts'), script);
  process.env['GOALD_TEST_ENTRY'] = script;
  return () => rm(folder, { recursive: true, force: true });
}
