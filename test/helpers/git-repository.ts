import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const IDENTITY = ['-c', 'user.name=Test', '-c', 'user.email=test@example.invalid'];

/** Runs git in a folder; answers what it printed. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', [...IDENTITY, ...args], { cwd });
  return stdout;
}

/** Makes a repository with these files, committed. */
export async function makeRepository(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--message=start');
  return folder;
}

/** Puts the files of a published package (`source`) into a repository and clones it into `folder`, as a contributor would. */
export async function clonePackage(name: string, source: string, folder: string): Promise<string> {
  const origin = join(folder, `${name}.origin`);
  await cp(source, origin, { recursive: true });
  await makeRepository(origin, {});
  const clone = join(folder, name);
  await git(folder, 'clone', '--quiet', origin, clone);
  return clone;
}
