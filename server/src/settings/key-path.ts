import { ProtocolError } from '@goald/protocol';

/** A bare key, "one in quotes" with JSON's escapes, or 'a literal one'; then a dot or the end. */
const SEGMENT = /([A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')(\.|$)/y;

/** The keys of a dotted path, such as `projects."/home/ada/x".trust_level`. Throws invalid_params. */
export function readKeyPath(text: string): string[] {
  const keys: string[] = [];
  for (let at = 0; at < text.length;) {
    SEGMENT.lastIndex = at;
    const found = SEGMENT.exec(text);
    const key = found === null ? null : plain(found[1] ?? '');
    if (found === null || key === null || text.endsWith('.')) throw notAPath(text);
    keys.push(key);
    at = SEGMENT.lastIndex;
  }
  if (keys.length === 0) throw notAPath(text);
  return keys;
}

function plain(segment: string): string | null {
  if (segment.startsWith("'")) return segment.slice(1, -1);
  if (!segment.startsWith('"')) return segment;
  try {
    return String(JSON.parse(segment));
  } catch {
    return null;
  }
}

function notAPath(text: string): ProtocolError {
  const message = `keyPath ${JSON.stringify(text)} is no dotted path of keys, such as projects."/home/ada/x".trust_level.`;
  return new ProtocolError('invalid_params', message, { issues: [{ path: ['keyPath'], message }] });
}
