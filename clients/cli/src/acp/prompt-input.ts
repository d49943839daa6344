import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContentBlock } from '@agentclientprotocol/sdk';
import type { ParamsInput, requests, UserInput } from '@goald/protocol';
import { ACP_ERROR, AcpError } from './acp-error.js';

/** A message of the user as it is sent to the daemon. */
export interface PromptInput {
  /** What the user wrote, with what it refers to named by its path. */
  readonly text: string;
  /** The contents that came with it, each under its address. */
  readonly attached: readonly string[];
  readonly images: readonly Extract<UserInput, { type: 'image' }>[];
}

/** A part of a message to the daemon. */
export type SaidPart = ParamsInput<typeof requests.turnStart>['input'][number];

/** The words of a slash command. */
export interface SlashCommand {
  /** Without the slash. */
  readonly name: string;
  readonly rest: string;
}

/** Reads a prompt. Throws AcpError for what a model of goald cannot be given, and for an empty one. */
export function readPrompt(blocks: readonly ContentBlock[], cwd: string): PromptInput {
  const attached: string[] = [];
  const images = blocks.flatMap(imageOf);
  const text = blocks
    .map((block) => textOf(block, cwd, attached))
    .join('')
    .trim();
  if (text === '' && images.length === 0) {
    throw new AcpError(ACP_ERROR.invalidParams, 'The prompt is empty: say what to do.');
  }
  return { text, attached, images };
}

/** What came with the words, as the daemon takes it; none where nothing did. */
export function attachedTo({ attached, images }: PromptInput): readonly SaidPart[] {
  return attached.length === 0
    ? images
    : [{ type: 'text', text: attached.join('\n\n') }, ...images];
}

/** Everything of a prompt as the daemon takes it. */
export function wholeInput({ text, attached, images }: PromptInput): readonly SaidPart[] {
  const whole = [text, ...attached].filter((part) => part !== '').join('\n\n');
  return whole === '' ? images : [{ type: 'text', text: whole }, ...images];
}

/** The command a message begins with; null for an ordinary message, also one that begins with a path. */
export function slashCommandOf(text: string): SlashCommand | null {
  const match = /^\/([a-z][a-z-]*)(?:\s+([\s\S]*))?$/u.exec(text);
  if (match === null) return null;
  return { name: match[1] ?? '', rest: (match[2] ?? '').trim() };
}

function textOf(block: ContentBlock, cwd: string, attached: string[]): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'resource_link':
      return placeOf(block.uri, cwd);
    case 'resource': {
      const { resource } = block;
      const place = placeOf(resource.uri, cwd);
      if ('text' in resource) attached.push(`${place}:\n<context>\n${resource.text}\n</context>`);
      return place;
    }
    case 'image':
      return '';
    case 'audio':
      throw new AcpError(
        ACP_ERROR.invalidParams,
        'goald takes text and images, and this prompt has sound: say it in words, or name a file.',
        { code: 'content_not_supported', type: block.type },
      );
  }
}

/** Pasted images, and files that are images. */
function imageOf(block: ContentBlock): PromptInput['images'] {
  if (block.type === 'image') return [asImage(block.mimeType, block.data)];
  if (block.type !== 'resource' || !('blob' in block.resource)) return [];
  const { mimeType, blob } = block.resource;
  return mimeType?.startsWith('image/') === true ? [asImage(mimeType, blob)] : [];
}

function asImage(mimeType: string, base64: string): PromptInput['images'][number] {
  return { type: 'image', url: `data:${mimeType};base64,${base64}` };
}

/** A file by its path, as the agent's tools take it, with a fragment (`#L3:9`) left on; anything else by its address. */
function placeOf(uri: string, cwd: string): string {
  if (!uri.startsWith('file://')) return uri;
  try {
    const url = new URL(uri);
    const fragment = url.hash;
    url.hash = '';
    url.search = '';
    const file = fileURLToPath(url);
    const inside = path.relative(cwd, file);
    const named = inside.startsWith('..') || path.isAbsolute(inside) || inside === '';
    return `${named ? file : inside}${fragment}`;
  } catch {
    return uri;
  }
}
