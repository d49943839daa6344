import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContentBlock } from '@agentclientprotocol/sdk';
import { ACP_ERROR, AcpError } from './acp-error.js';

/** A message of the user as it is sent to the daemon. */
export interface PromptInput {
  /** What the user wrote, with what it refers to named by its path. */
  readonly text: string;
  /** The contents that came with it, each under its address. */
  readonly attached: readonly string[];
}

/** The words of a slash command. */
export interface SlashCommand {
  /** Without the slash. */
  readonly name: string;
  readonly rest: string;
}

/** Reads a prompt. Throws AcpError for what a model of goald cannot be given, and for an empty one. */
export function readPrompt(blocks: readonly ContentBlock[], cwd: string): PromptInput {
  const attached: string[] = [];
  const text = blocks.map((block) => textOf(block, cwd, attached)).join('');
  if (text.trim() === '') {
    throw new AcpError(ACP_ERROR.invalidParams, 'The prompt is empty: say what to do.');
  }
  return { text: text.trim(), attached };
}

/** Everything of a prompt in one text. */
export function wholeText({ text, attached }: PromptInput): string {
  return [text, ...attached].join('\n\n');
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
    case 'audio':
      throw new AcpError(
        ACP_ERROR.invalidParams,
        `goald takes text only, and this prompt has ${block.type === 'image' ? 'an image' : 'sound'}: describe it in words, or name a file.`,
        { code: 'content_not_supported', type: block.type },
      );
  }
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
