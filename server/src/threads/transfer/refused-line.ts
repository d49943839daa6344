import { ProtocolError } from '@goald/protocol';

/** The answer to a file with a line that cannot be taken. Lines count from 1. */
export function refused(line: number, why: string): ProtocolError {
  const message = `Line ${String(line)}: ${why}. Nothing was imported.`;
  return new ProtocolError('invalid_params', message, {
    line,
    issues: [{ path: ['rows', line - 1], message: why }],
  });
}
