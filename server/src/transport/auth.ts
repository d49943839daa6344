import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const TOKEN_BYTES = 32;
const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
const OTHERS = 0o077;

/** The token file cannot be used; the message says what to do. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError';
}

/**
 * The token TCP clients must show: read from `path`, or made there (0600) on first use. Safe when several processes come at once:
 * all get the same one. A file that others could read is closed to them. Throws TokenFileError, or the error of the file system.
 */
export async function loadOrCreateToken(path: string): Promise<string> {
  const existing = await readToken(path);
  if (existing !== undefined) return existing;
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    await writeFile(draft, `${token}\n`, { mode: OWNER_ONLY_FILE, flag: 'wx' });
    // A link appears whole or not at all, and never replaces the file of a process that was faster.
    await link(draft, path).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  const made = await readToken(path);
  if (made === undefined)
    throw new TokenFileError(`The token file ${path} disappeared. Start again.`);
  return made;
}

/** True when an `Authorization` header shows `token`. Takes the same time wherever the two differ. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const shown = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
  return shown !== undefined && timingSafeEqual(digest(shown), digest(token));
}

async function readToken(path: string): Promise<string | undefined> {
  let text: string;
  try {
    if (((await stat(path)).mode & OTHERS) !== 0) await chmod(path, OWNER_ONLY_FILE);
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const token = text.trim();
  if (!/^\S{16,}$/.test(token)) {
    throw new TokenFileError(
      `The token file ${path} holds no usable token. Delete it to get a new one.`,
    );
  }
  return token;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
