import { ProtocolError } from '@goald/protocol';
import type * as z from 'zod';
import { MAX_ISSUES } from './limits.js';

/** The answer to parameters that a schema refused: the problems, up to a hundred, in data.issues, the first in the message. */
export function invalidParams(error: z.ZodError): ProtocolError {
  const issues = error.issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
    message: issue.message,
  }));
  const first = issues[0];
  const where = first === undefined || first.path.length === 0 ? '' : `${first.path.join('.')}: `;
  return new ProtocolError('invalid_params', `Invalid params: ${where}${first?.message ?? ''}`, {
    issues,
  });
}
