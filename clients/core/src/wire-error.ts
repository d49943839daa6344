import { type ErrorCode, RPC_ERROR } from '@goald/protocol';
import { CursorExpiredError, EpochChangedError, GoaldError } from './errors.js';

/** Turns an answered JSON-RPC error into the error class callers catch. */
export function errorFromWire(rpcCode: number, message: string, data: unknown): GoaldError {
  const details = isRecord(data) ? data : {};
  const code = typeof details['code'] === 'string' ? details['code'] : codeOfNumber(rpcCode);
  const options = { rpcCode, data: details };
  switch (code) {
    case 'cursor_expired':
      return new CursorExpiredError(code, message, options);
    case 'epoch_changed':
      return new EpochChangedError(code, message, options);
    default:
      return new GoaldError(code, message, options);
  }
}

// A daemon of ours always sends data.code; other servers of the dialect send the number alone.
function codeOfNumber(rpcCode: number): ErrorCode {
  switch (rpcCode) {
    case RPC_ERROR.methodNotFound:
      return 'method_not_found';
    case RPC_ERROR.invalidParams:
      return 'invalid_params';
    case RPC_ERROR.overloaded:
      return 'overloaded';
    case RPC_ERROR.parseError:
      return 'parse_error';
    case RPC_ERROR.invalidRequest:
      return 'invalid_request';
    default:
      return 'internal';
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
