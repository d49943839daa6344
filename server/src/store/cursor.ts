import { ProtocolError } from '@goald/protocol';

/** Opaque cursors of paged listings: a JSON array in base64url. */
export function encodeCursor(...parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** A cursor of a number and a string. Throws invalid_params for anything this daemon did not make. */
export function decodeCursor(cursor: string): { value: number; id: string } {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts)) {
      const [value, id] = parts as readonly unknown[];
      if (typeof value === 'number' && typeof id === 'string') return { value, id };
    }
  } catch {
    // Falls through to the same answer as any other foreign cursor.
  }
  throw new ProtocolError(
    'invalid_params',
    'The cursor is not one of ours: pass nextCursor as it was answered, or none.',
    { issues: [{ path: ['cursor'], message: 'unknown cursor' }] },
  );
}
