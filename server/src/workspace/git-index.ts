/** The index cannot be read; the work tree then counts as untracked. */
class GitIndexError extends Error {
  override readonly name = 'GitIndexError';
}

const SHA1_BYTES = 20;
const FIXED_BYTES = 62;
const EXTENDED_FLAG = 0x4000;
const NAME_LENGTH_MASK = 0x0fff;

/** Reads the offset encoding of git's version 4 paths: how many bytes of the path before to drop. */
function readOffset(bytes: Buffer, start: number): { value: number; next: number } {
  let next = start;
  let byte = bytes.readUInt8(next);
  next += 1;
  let value = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    byte = bytes.readUInt8(next);
    next += 1;
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, next };
}

/**
 * Path -> blob id of everything in a git index (versions 2 to 4, SHA-1). isomorphic-git reads no version 4 and gives no
 * ids without building a whole tree. Throws GitIndexError.
 */
export function parseGitIndex(bytes: Buffer): ReadonlyMap<string, string> {
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof GitIndexError) throw error;
    throw new GitIndexError('The git index is damaged or of an unknown kind.', { cause: error });
  }
}

function parse(bytes: Buffer): ReadonlyMap<string, string> {
  const version = bytes.readUInt32BE(4);
  if (bytes.toString('latin1', 0, 4) !== 'DIRC' || version < 2 || version > 4) {
    throw new GitIndexError(`The git index has an unknown version ${String(version)}.`);
  }
  const entries = new Map<string, string>();
  const count = bytes.readUInt32BE(8);
  let path = Buffer.alloc(0);
  let at = 12;
  for (let i = 0; i < count; i += 1) {
    const start = at;
    const id = bytes.toString('hex', at + 40, at + 40 + SHA1_BYTES);
    const flags = bytes.readUInt16BE(at + 60);
    at += FIXED_BYTES + (version >= 3 && (flags & EXTENDED_FLAG) !== 0 ? 2 : 0);
    let kept = Buffer.alloc(0);
    if (version === 4) {
      const dropped = readOffset(bytes, at);
      kept = path.subarray(0, path.length - dropped.value);
      at = dropped.next;
    }
    const length = flags & NAME_LENGTH_MASK;
    const isLong = length === NAME_LENGTH_MASK;
    const end = version === 4 || isLong ? bytes.indexOf(0, at) : at + length;
    if (end < 0) throw new GitIndexError('The git index ends in the middle of an entry.');
    path = Buffer.concat([kept, bytes.subarray(at, end)]);
    // Versions 2 and 3 pad entries to a multiple of eight bytes with one to eight NULs.
    at = version === 4 ? end + 1 : start + (Math.floor((end - start) / 8) + 1) * 8;
    entries.set(path.toString('utf8'), id);
  }
  return entries;
}
