import { decodeCursor, encodeCursor } from '../store/cursor.js';

/** One page of a short list that is whole in memory; all of it unless asked otherwise. Throws invalid_params for a cursor that is none. */
export function pageOf<T>(
  all: readonly T[],
  {
    cursor,
    limit,
  }: { readonly cursor?: string | null | undefined; readonly limit?: number | null | undefined },
): { data: T[]; nextCursor: string | null } {
  const from = cursor == null ? 0 : decodeCursor(cursor).value;
  const to = limit == null ? all.length : from + limit;
  return {
    data: all.slice(from, to),
    nextCursor: to < all.length ? encodeCursor(to, String(to)) : null,
  };
}
