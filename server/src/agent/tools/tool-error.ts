/** What a tool cannot do, in words for the model. Becomes an error output. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/** `code` of a Node system error such as ENOENT, or null. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** The message of anything thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
