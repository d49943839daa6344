import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ConfigInput } from '@goald/protocol';
import { clonePackage, git } from './git-repository.js';

const RIGHT = "notFlags = args.slice(args.indexOf('--') + 1);";
const WRONG = "notFlags = args.slice(args.indexOf('--'));";

/** The patch that mends what `brokenMinimist` broke. */
export const MINIMIST_PATCH = [
  '*** Begin Patch',
  '*** Update File: index.js',
  '@@',
  `-\t\t${WRONG}`,
  `+\t\t${RIGHT}`,
  '*** End Patch',
].join('\n');

/** Lets commands in a sandbox see tape, wherever this repository lies. */
export function seesTape(): ConfigInput['sandbox'] {
  const require = createRequire(import.meta.url);
  return { readable: [dirname(dirname(require.resolve('tape/package.json')))] };
}

/** minimist's own test command, with tape from this repository: the tarball brings its tests but no dependencies. */
export function minimistTests(): string {
  const require = createRequire(import.meta.url);
  const tape = dirname(require.resolve('tape/package.json'));
  return `NODE_PATH='${dirname(tape)}' node '${join(tape, 'bin', 'tape')}' 'test/**/*.js'`;
}

/** A clone of the published package with one behaviour broken, committed. Answers its folder. */
export async function brokenMinimist(folder: string): Promise<string> {
  const require = createRequire(import.meta.url);
  const source = dirname(require.resolve('minimist/package.json'));
  const repository = await clonePackage('minimist', source, folder);
  const index = join(repository, 'index.js');
  const code = await readFile(index, 'utf8');
  if (!code.includes(RIGHT)) throw new Error('minimist is not the one this test knows.');
  await writeFile(index, code.replace(RIGHT, WRONG));
  await git(repository, 'commit', '--quiet', '--all', '--message=break it');
  return repository;
}

/** Whether the broken behaviour is mended. */
export async function isMended(repository: string): Promise<boolean> {
  return (await readFile(join(repository, 'index.js'), 'utf8')).includes(RIGHT);
}
