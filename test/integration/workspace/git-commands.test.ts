import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GitCommands } from '@goald/server/workspace/git-commands.js';
import { beforeEach, afterEach, describe, expect, it } from 'vitest';
import { makeRepository } from '../../helpers/git-repository.js';
import { tempFolder, type TempFolder } from '../../helpers/temp-folder.js';

let folder: TempFolder;
let repository: string;
let evil: string;
let mark: string;
beforeEach(async () => {
  folder = await tempFolder();
  mark = join(folder.path, 'ran');
  evil = join(folder.path, 'evil');
  await writeFile(evil, `#!/bin/sh\ntouch ${mark}\n[ "$1" = fetch ] || cat\n`);
  await chmod(evil, 0o755);
  repository = await makeRepository(join(folder.path, 'repo'), { 'a.txt': 'one\n' });
});
afterEach(() => folder[Symbol.asyncDispose]());

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, {
    cwd: repository,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

async function read(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const { signal } = new AbortController();
  const options = { cwd: repository, timeoutMs: 20_000, maxBytes: 1_000_000, signal };
  return new GitCommands(env, 'home').read(args, options);
}

describe('what a repository’s own configuration names is not run', () => {
  it.each([[['status', '--porcelain']], [['diff']]])('as a filter, by git %j', async (args) => {
    git('config', 'filter.a=b.clean', evil);
    git('config', 'filter.a=b.required', 'true');
    await writeFile(join(repository, '.gitattributes'), '*.txt filter=a=b\n');
    const touch = async (): Promise<void> => {
      await writeFile(join(repository, 'a.txt'), 'two\n');
      await utimes(join(repository, 'a.txt'), 1, 1);
    };
    await touch();
    const { exitCode, stdout } = await read(args);
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('a.txt') as string,
    });
    expect(existsSync(mark)).toBe(false);
    git(...args);
    expect(existsSync(mark)).toBe(true);
  });

  it('to check signatures', async () => {
    const tree = git('rev-parse', 'HEAD^{tree}').trim();
    const who = 'a <a@example.org> 1 +0000';
    const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----';
    const commit = `tree ${tree}\nauthor ${who}\ncommitter ${who}\n${signature}\n\nsigned\n`;
    const id = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], {
      cwd: repository,
      input: commit,
      encoding: 'utf8',
    }).trim();
    git('config', 'gpg.program', evil);
    git('config', 'log.showSignature', 'true');
    expect(await read(['log', '-1', '--format=%G? %s', id])).toMatchObject({ exitCode: 0 });
    expect((await read(['log', '-1', id])).stdout).toContain('signed');
    expect(existsSync(mark)).toBe(false);
    git('log', '-1', id);
    expect(existsSync(mark)).toBe(true);
  });

  it('to fetch what is missing', async () => {
    git('config', 'extensions.partialClone', 'evil');
    git('config', 'remote.evil.promisor', 'true');
    git('config', 'remote.evil.url', `ext::${evil} fetch`);
    git('config', 'protocol.ext.allow', 'always');
    git('config', 'core.repositoryFormatVersion', '1');
    const missing = '0123456789012345678901234567890123456789';
    expect((await read(['cat-file', '-p', missing])).exitCode).not.toBe(0);
    expect(existsSync(mark)).toBe(false);
    expect(() => git('cat-file', '-p', missing)).toThrow();
    expect(existsSync(mark)).toBe(true);
  });
});

it('a git that a project brings along is not the one that is run', async () => {
  const programs = join(repository, 'node_modules', '.bin');
  await mkdir(programs, { recursive: true });
  await writeFile(join(programs, 'git'), `#!/bin/sh\ntouch ${mark}\n`);
  await chmod(join(programs, 'git'), 0o755);
  const PATH = `${programs}:${process.env['PATH'] ?? ''}`;
  expect((await read(['rev-parse', 'HEAD'], { ...process.env, PATH })).stdout).toMatch(/^\w{40}/u);
  expect(existsSync(mark)).toBe(false);
});
