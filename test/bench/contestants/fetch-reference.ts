import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../support/folders.js';

export const REFERENCE = { name: '@openai/codex', version: '0.169.0' } as const;

const FETCH_WITHIN_MS = 600_000;

/**
 * The program of the reference, fetched with npm (400 MB) when the cache does not have it. `onFetch` is told before that.
 * Throws when it cannot be fetched, or is not made for this platform.
 */
export async function fetchReference(onFetch: (folder: string) => void): Promise<string> {
  const folder = join(cacheFolder(), `reference-${REFERENCE.version}`);
  const there = await access(folder).then(
    () => true,
    () => false,
  );
  if (!there) {
    onFetch(folder);
    await install(folder);
  }
  return findProgram(folder);
}

/** Into a draft that becomes the folder when it is whole. */
async function install(folder: string): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  const draft = await mkdtemp(`${folder}-`);
  try {
    await writeFile(join(draft, 'package.json'), '{ "private": true }\n');
    const wanted = `${REFERENCE.name}@${REFERENCE.version}`;
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await promisify(execFile)('npm', ['install', ...flags, wanted], {
      cwd: draft,
      timeout: FETCH_WITHIN_MS,
    });
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

async function findProgram(folder: string): Promise<string> {
  const { platform, arch } = process;
  const vendor = join(folder, `node_modules/${REFERENCE.name}-${platform}-${arch}/vendor`);
  const [triple] = await readdir(vendor).catch(() => []);
  if (triple === undefined) {
    throw new Error(`${REFERENCE.name} ${REFERENCE.version} has no program for this platform.`);
  }
  return join(vendor, triple, 'bin/codex');
}
