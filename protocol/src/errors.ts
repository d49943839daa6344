import * as z from 'zod';

/** Numeric JSON-RPC error codes, as they stand on the wire. */
export const RPC_ERROR = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  overloaded: -32001,
  /** A request that its client gave up, as LSP has it. */
  requestCancelled: -32800,
} as const;

/** Every string code an error can carry in `data.code`, with the number it travels under. */
export const ERROR_CODES = {
  parse_error: RPC_ERROR.parseError,
  invalid_request: RPC_ERROR.invalidRequest,
  not_initialized: RPC_ERROR.invalidRequest,
  already_initialized: RPC_ERROR.invalidRequest,
  invalid_transition: RPC_ERROR.invalidRequest,
  thread_not_found: RPC_ERROR.invalidRequest,
  goal_not_found: RPC_ERROR.invalidRequest,
  turn_not_found: RPC_ERROR.invalidRequest,
  turn_not_steerable: RPC_ERROR.invalidRequest,
  plan_not_found: RPC_ERROR.invalidRequest,
  blocker_not_found: RPC_ERROR.invalidRequest,
  proposal_not_found: RPC_ERROR.invalidRequest,
  approval_not_found: RPC_ERROR.invalidRequest,
  checkpoint_not_found: RPC_ERROR.invalidRequest,
  objective_empty: RPC_ERROR.invalidRequest,
  objective_too_long: RPC_ERROR.invalidRequest,
  budget_not_positive: RPC_ERROR.invalidRequest,
  budget_exhausted: RPC_ERROR.invalidRequest,
  budget_over_policy: RPC_ERROR.invalidRequest,
  price_unknown: RPC_ERROR.invalidRequest,
  revision_conflict: RPC_ERROR.invalidRequest,
  isolation_unavailable: RPC_ERROR.invalidRequest,
  sandbox_unavailable: RPC_ERROR.invalidRequest,
  feature_disabled: RPC_ERROR.invalidRequest,
  cursor_expired: RPC_ERROR.invalidRequest,
  epoch_changed: RPC_ERROR.invalidRequest,
  policy_refused: RPC_ERROR.invalidRequest,
  method_not_found: RPC_ERROR.methodNotFound,
  method_not_supported: RPC_ERROR.methodNotFound,
  invalid_params: RPC_ERROR.invalidParams,
  internal: RPC_ERROR.internal,
  store_unavailable: RPC_ERROR.internal,
  overloaded: RPC_ERROR.overloaded,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** `error.data` of every error goald answers: the string code and what that code adds. */
export const errorDataSchema = z.looseObject({
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
  issues: z
    .array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() }))
    .optional()
    .describe('invalid_params: what is wrong, and where'),
  incidentId: z.string().optional().describe('internal: the id under which the log has the cause'),
});

export type ErrorData = z.infer<typeof errorDataSchema>;

/** An error meant for the client: its message says what to do, its code is stable. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  /** The number that travels as JSON-RPC `error.code`. */
  get rpcCode(): number {
    return ERROR_CODES[this.code];
  }

  /** `error.data` as it stands on the wire. */
  get data(): ErrorData {
    return { ...this.details, code: this.code };
  }
}
