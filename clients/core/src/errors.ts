import type { ErrorCode } from '@goald/protocol';

/** Codes of errors that arise on this side of the wire. */
export const CLIENT_ERROR_CODES = [
  'unreachable',
  'unauthorized',
  'connection_lost',
  'client_closed',
  'invalid_answer',
  'daemon_failed',
  'daemon_unsafe_to_stop',
] as const;
export type ClientErrorCode = (typeof CLIENT_ERROR_CODES)[number];

interface GoaldErrorOptions {
  /** The JSON-RPC number, for errors the daemon answered. */
  readonly rpcCode?: number | null;
  /** What the code adds; `error.data` for errors the daemon answered. */
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * What every call of the client fails with. `code` is stable: one of the protocol's error codes for what the daemon
 * answered, one of CLIENT_ERROR_CODES for what happened on the way to it. `message` tells a person what to do.
 */
export class GoaldError extends Error {
  override readonly name: string = 'GoaldError';
  readonly code: string;
  /** null when no answer of the daemon stands behind it. */
  readonly rpcCode: number | null;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode | ClientErrorCode | (string & {}),
    message: string,
    options: GoaldErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.rpcCode = options.rpcCode ?? null;
    this.data = options.data ?? {};
  }
}

/** The events after the cursor are no longer stored. `firstSeq` is the oldest there is, where the daemon said it. */
export class CursorExpiredError extends GoaldError {
  override readonly name = 'CursorExpiredError';

  get firstSeq(): number | null {
    const first = this.data['firstSeq'];
    return typeof first === 'number' ? first : null;
  }
}

/** The cursor belongs to another store: the store is new or was restored. Read the state anew and subscribe without a cursor. */
export class EpochChangedError extends GoaldError {
  override readonly name = 'EpochChangedError';

  get storeEpoch(): string | null {
    const epoch = this.data['storeEpoch'];
    return typeof epoch === 'string' ? epoch : null;
  }
}

/** True for an error of the client or the daemon, optionally with this code. */
export function isGoaldError(error: unknown, code?: string): error is GoaldError {
  return error instanceof GoaldError && (code === undefined || error.code === code);
}
