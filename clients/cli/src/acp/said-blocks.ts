import { pathToFileURL } from 'node:url';
import path from 'node:path';
import type { ContentBlock } from '@agentclientprotocol/sdk';
import { textOf, type UserInput } from '@goald/protocol';

const DATA_URL = /^data:([^;,]+);base64,(.*)$/su;

/** What a user said as an editor shows it: the words, then the images. */
export function blocksOf(content: readonly UserInput[]): readonly ContentBlock[] {
  const text = textOf(content);
  const images = content.flatMap((part) => (part.type === 'text' ? [] : [imageOf(part)]));
  return [...(text === '' && images.length > 0 ? [] : [textBlock(text)]), ...images];
}

function imageOf(part: Exclude<UserInput, { type: 'text' }>): ContentBlock {
  if (part.type === 'localImage') {
    const uri = path.isAbsolute(part.path) ? pathToFileURL(part.path).href : part.path;
    return { type: 'resource_link', name: path.basename(part.path), uri };
  }
  const [, mimeType, data] = DATA_URL.exec(part.url) ?? [];
  return mimeType === undefined || data === undefined
    ? { type: 'resource_link', name: 'image', uri: part.url }
    : { type: 'image', mimeType, data };
}

function textBlock(text: string): ContentBlock {
  return { type: 'text', text };
}
