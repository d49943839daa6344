import type { CallToolResult } from '@modelcontextprotocol/client';
import type { ToolResult } from '../../engine/ports/tools.js';

type Content = CallToolResult['content'][number];

/** What an item keeps of a result, in characters of JSON. */
const MOST_KEPT = 64 * 1024;

/** What the model reads of a result: texts as they are, everything else named. */
export function resultText({ content, structuredContent }: CallToolResult): string {
  const parts = content.map(partText);
  if (
    structuredContent !== undefined &&
    !content.some((part) => saysTheSame(part, structuredContent))
  ) {
    parts.push(JSON.stringify(structuredContent, null, 2));
  }
  return parts.join('\n') || '(It answered with nothing.)';
}

/** What the item of the call shows. `text`: what the model reads, cut; it stands for a result that is too long to keep. */
export function keptResult(result: CallToolResult, text: string): NonNullable<ToolResult['mcp']> {
  const { content, structuredContent = null, _meta = null } = result;
  const whole = { content, structuredContent, _meta };
  if (JSON.stringify(whole).length <= MOST_KEPT) return whole;
  const shown = text.length <= MOST_KEPT ? text : `${text.slice(0, MOST_KEPT)}…`;
  return { content: [{ type: 'text', text: shown }], structuredContent: null, _meta: null };
}

function partText(part: Content): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'image':
    case 'audio':
      return `[${part.type}, ${part.mimeType}, ${size(part.data)}: it cannot be shown here]`;
    case 'resource_link':
      return `[resource ${part.uri}${part.mimeType === undefined ? '' : `, ${part.mimeType}`}: ${part.description ?? part.name}]`;
    case 'resource': {
      const { resource } = part;
      const type = resource.mimeType === undefined ? '' : `, ${resource.mimeType}`;
      return 'text' in resource
        ? `[resource ${resource.uri}${type}]\n${resource.text}`
        : `[resource ${resource.uri}${type}, ${size(resource.blob)}: it cannot be shown here]`;
    }
  }
}

function size(base64: string): string {
  return `${String(Math.ceil((base64.length * 3) / 4 / 1024))} KiB`;
}

/** Servers repeat what is structured as a text, for clients that do not know of it. */
function saysTheSame(part: Content, structured: unknown): boolean {
  if (part.type !== 'text') return false;
  try {
    return canonical(JSON.parse(part.text)) === canonical(structured);
  } catch {
    return false;
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
