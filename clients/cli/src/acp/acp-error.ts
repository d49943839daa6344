import { isGoaldError } from '@goald/client';
import { messageOf } from '../failures.js';

/** Numbers of the errors an editor is answered. */
export const ACP_ERROR = {
  invalidRequest: -32600,
  invalidParams: -32602,
  internal: -32603,
  notFound: -32002,
} as const;

/** What a request of the editor is refused with. `message` tells a person what to do. */
export class AcpError extends Error {
  override readonly name = 'AcpError';
  readonly code: number;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: number, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** No session has this id, or its thread is gone. */
export function sessionNotFound(sessionId: string): AcpError {
  return new AcpError(
    ACP_ERROR.notFound,
    `There is no session ${sessionId}: it was deleted, or belongs to another daemon. Start a new one.`,
    { code: 'session_not_found', sessionId },
  );
}

/** Whatever went wrong, as the editor is told of it. */
export function toAcpError(error: unknown): AcpError {
  if (error instanceof AcpError) return error;
  if (!isGoaldError(error)) return new AcpError(ACP_ERROR.internal, messageOf(error));
  const data = { ...error.data, code: error.code };
  return new AcpError(error.rpcCode ?? ACP_ERROR.internal, error.message, data);
}
