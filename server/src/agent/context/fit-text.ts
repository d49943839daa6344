const encoder = new TextEncoder();
const ELLIPSIS = '…';

/** Length in bytes of UTF-8. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** The longest start of a text that takes at most `maxBytes` as UTF-8; no character is cut in two. */
export function headOf(text: string, maxBytes: number): string {
  const room = Math.max(0, maxBytes);
  const { read } = encoder.encodeInto(text, new Uint8Array(room));
  return text.slice(0, read);
}

/** The text on one line, ended by an ellipsis where it had to be cut to `maxBytes`. */
export function fitLine(text: string, maxBytes: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (byteLength(line) <= maxBytes) return line;
  if (maxBytes < byteLength(ELLIPSIS)) return '';
  return `${headOf(line, maxBytes - byteLength(ELLIPSIS)).trimEnd()}${ELLIPSIS}`;
}

/**
 * A titled list in at most `maxBytes`: as many items as fit, the rest counted in a last line. Empty when there are no items
 * or not even the count fits. `where` says where the rest can be read.
 */
export function fitList(options: {
  title: string;
  items: readonly string[];
  maxBytes: number;
  maxItemBytes: number;
  where: string;
}): string {
  const { title, items, maxBytes, maxItemBytes, where } = options;
  const more = (count: number): string => `\n- … ${String(count)} more${where}`;
  let text = title;
  let shown = 0;
  for (const item of items) {
    const next = `${text}\n- ${fitLine(item, maxItemBytes)}`;
    const left = items.length - shown - 1;
    if (byteLength(next + (left > 0 ? more(left) : '')) > maxBytes) break;
    text = next;
    shown += 1;
  }
  if (shown === items.length) return shown === 0 ? '' : text;
  const counted = text + more(items.length - shown);
  return byteLength(counted) <= maxBytes ? counted : '';
}
