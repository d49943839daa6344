import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FIXTURE = fileURLToPath(new URL('../../demo/repository', import.meta.url));
const AUTHOR = ['-c', 'user.name=goald demo', '-c', 'user.email=demo@localhost'];

/** The recorded model's words for the sample repository. Absolute path. */
export const SAMPLE_TRANSCRIPT = fileURLToPath(
  new URL('../../demo/transcript.jsonl', import.meta.url),
);

export const SAMPLE_OBJECTIVE =
  'Make the test-suite pass: fix the bug in src/parse-duration.js without changing the tests.';

export const SAMPLE_CHECK = 'node --test';

/** Copies the sample project to `folder` and commits it. Answers false when there is no git to commit with; the files are there all the same. */
export async function makeSampleRepository(folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  await cp(FIXTURE, folder, { recursive: true });
  try {
    await run('git', ['init', '--quiet', '--initial-branch=main'], { cwd: folder });
    await run('git', ['add', '--all'], { cwd: folder });
    const commit = ['commit', '--quiet', '--no-gpg-sign', '--message', 'tiny-duration 1.2.0'];
    await run('git', [...AUTHOR, ...commit], { cwd: folder });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
