import * as z from 'zod';

/** Identifier of a thread, turn, item or goal. goald makes UUID v7; older or foreign ids are any non-empty string. */
export const idSchema = z.string().min(1).max(200);

/** A client's key for one logical mutation: a repeat within 24 hours answers the first result and does nothing. */
export const idempotencyKeySchema = z.string().min(1).max(200);

/** Opaque position in a paged listing. Only the server that made it can read it. */
export const cursorSchema = z.string().min(1).max(500);
