import { errorMessage } from '../tools/tool-error.js';
import { codeOf, isClosed } from './connection.js';

/** What went wrong with a call, as far as the server's state and the model's words depend on it. */
export interface CallProblem {
  readonly why: string;
  /** The connection is over, or of no more use. */
  readonly isLost: boolean;
  readonly isUnauthorized: boolean;
  /** For the model. `ending`: how the server ended, where it did. */
  words(ending: string | null): string;
}

const UNKNOWN = 'Whether the call took effect is not known.';
/** What a server answers for a session that it has forgotten. */
const SESSION_GONE: ReadonlySet<number> = new Set([400, 404]);

export function callProblem(
  error: unknown,
  { name, timeoutMs, isHttp }: { name: string; timeoutMs: number; isHttp: boolean },
): CallProblem {
  const why = errorMessage(error);
  const code = codeOf(error);
  if (code === 'REQUEST_TIMEOUT') {
    const seconds = String(timeoutMs / 1000);
    return saying(why, `It took longer than ${seconds} s and was told to stop. ${UNKNOWN}`);
  }
  if (isUnauthorized(error)) {
    const refused = unauthorizedText(error);
    return { ...saying(refused, `The MCP server ${name}: ${refused}`), isUnauthorized: true };
  }
  const status = statusCode(error);
  const isLost =
    isClosed(error) ||
    (isHttp && (status === null ? isOfNetwork(error) : SESSION_GONE.has(status)));
  if (!isLost) return saying(why, why);
  return {
    why,
    isLost,
    isUnauthorized: false,
    words: (ending) =>
      `The MCP server ${name} went away while the call ran: ${ending ?? why}. ${UNKNOWN} The server is started again for the next call.`,
  };
}

/** 401 and 403, and what the client makes of them. */
export function isUnauthorized(error: unknown): boolean {
  const status = statusCode(error);
  if (status === 401 || status === 403) return true;
  return error instanceof Error && error.name === 'UnauthorizedError';
}

/** What a person does about it: goald logs in nowhere by itself. */
export function unauthorizedText(error: unknown): string {
  const status = statusCode(error);
  const how = status === null ? '' : ` (HTTP ${String(status)})`;
  return `it wants another authorization${how}: ${errorMessage(error)}. Give it a token by bearerTokenEnvVar or headers, then: goal mcp restart`;
}

function saying(why: string, text: string): CallProblem {
  return { why, isLost: false, isUnauthorized: false, words: () => text };
}

function statusCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('status' in error)) return null;
  return typeof error.status === 'number' ? error.status : null;
}

function isOfNetwork(error: unknown): boolean {
  return error instanceof TypeError || codeOf(error) === 'SEND_FAILED';
}
