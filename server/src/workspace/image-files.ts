import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  MOST_IMAGE_BYTES,
  MOST_MESSAGE_IMAGE_BYTES,
  ProtocolError,
  type UserInput,
} from '@goald/protocol';
import type { Images, ReadInput } from '../engine/ports/images.js';
import type { ImagePart } from '../engine/ports/model.js';

type Part = Exclude<UserInput, { type: 'text' }>;

/** Images that are no longer than this, as text, stand in the items that clients get. */
const MOST_INLINE_CHARS = 64 * 1024;
const MIB = 1024 * 1024;
const DATA_URL = /^data:image\/(png|jpe?g|gif|webp);base64,/i;
const NOT_BASE64 = /[^A-Za-z0-9+/=\s]/;
const KINDS = 'PNG, JPEG, GIF and WebP';

/** Images of messages: from addresses as they come, from files and data as the bytes they are now. */
export class ImageFiles implements Images {
  readonly #folder: string;

  /** `folder`: absolute; each thread has one in it for the images that its items only name. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(
    input: readonly UserInput[],
    { threadId, cwd }: { readonly threadId: string; readonly cwd: string },
  ): Promise<ReadInput> {
    const content: UserInput[] = [];
    const images: ImagePart[] = [];
    let room = MOST_MESSAGE_IMAGE_BYTES;
    for (const [index, part] of input.entries()) {
      if (part.type === 'text') {
        content.push(part);
        continue;
      }
      const refuse = (why: string): never => {
        const field = part.type === 'image' ? 'url' : 'path';
        throw refusal(['input', String(index), field], why);
      };
      if (part.type === 'image' && /^https?:\/\//i.test(part.url) && URL.canParse(part.url)) {
        content.push(part);
        images.push(imagePart(part.url, part));
        continue;
      }
      const bytes =
        part.type === 'image' ? decoded(part.url, refuse) : await fileOf(part.path, cwd, refuse);
      const kind = kindOf(bytes) ?? refuse(`it is none of the images that models read: ${KINDS}`);
      if (bytes.length > MOST_IMAGE_BYTES) {
        refuse(`an image has at most ${String(MOST_IMAGE_BYTES / MIB)} MiB: make it smaller`);
      }
      room -= bytes.length;
      if (room < 0) {
        const most = String(MOST_MESSAGE_IMAGE_BYTES / MIB);
        refuse(`the images of one message have at most ${most} MiB together`);
      }
      const url = `data:image/${kind};base64,${bytes.toString('base64')}`;
      images.push(imagePart(url, part));
      content.push(
        part.type === 'localImage' || part.url.length <= MOST_INLINE_CHARS
          ? part
          : { ...rest(part), type: 'localImage', path: await this.#keep(threadId, bytes, kind) },
      );
    }
    return { content, images };
  }

  async #keep(threadId: string, bytes: Buffer, kind: string): Promise<string> {
    const folder = join(this.#folder, threadId);
    const name = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const path = join(folder, `image-${name}.${kind}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(path, bytes, { mode: 0o600 });
    return path;
  }
}

function rest({ detail }: Part): Pick<Part, 'detail'> {
  return detail === undefined ? {} : { detail };
}

/** `original` is a word of the reference; providers call the closest look they know `high`. */
function imagePart(url: string, { detail }: Part): ImagePart {
  if (detail === undefined) return { url };
  return { url, detail: detail === 'original' ? 'high' : detail };
}

function decoded(url: string, refuse: (why: string) => never): Buffer {
  const head = DATA_URL.exec(url)?.[0];
  if (head === undefined) {
    return refuse('an image is data:image/TYPE;base64,… or an address of http or https');
  }
  const base64 = url.slice(head.length);
  if (NOT_BASE64.test(base64)) refuse('what follows base64, is not base64');
  return Buffer.from(base64, 'base64');
}

async function fileOf(path: string, cwd: string, refuse: (why: string) => never): Promise<Buffer> {
  const file = resolve(cwd, path);
  let handle;
  try {
    handle = await open(file, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) return refuse(`${file} is no file`);
    // One byte more tells that there is more.
    const bytes = Buffer.alloc(Math.min(stat.size, MOST_IMAGE_BYTES + 1));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return refuse(
      code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${code})`,
    );
  } finally {
    await handle?.close();
  }
}

/** By its first bytes: what a provider cannot read would fail each later request of the thread. */
function kindOf(bytes: Buffer): 'png' | 'jpeg' | 'gif' | 'webp' | null {
  const starts = (text: string, at = 0): boolean =>
    bytes.subarray(at, at + text.length).toString('latin1') === text;
  if (starts('\u0089PNG\r\n\u001a\n')) return 'png';
  if (starts('\u00ff\u00d8\u00ff')) return 'jpeg';
  if (starts('GIF87a') || starts('GIF89a')) return 'gif';
  return starts('RIFF') && starts('WEBP', 8) ? 'webp' : null;
}

function refusal(path: readonly string[], message: string): ProtocolError {
  return new ProtocolError('invalid_params', `${path.join('.')}: ${message}.`, {
    issues: [{ path, message }],
  });
}
