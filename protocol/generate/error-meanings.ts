import { ERROR_CODES, type ErrorCode } from '@goald/protocol';
import type { JsonObject } from './json.js';

/** What each string code means, and what a client can do about it. */
const ERROR_MEANINGS: Readonly<Record<ErrorCode, string>> = {
  parse_error: 'The message is not valid JSON or not valid UTF-8.',
  invalid_request: 'The message is JSON but no JSON-RPC request that goald takes.',
  not_initialized: 'Send initialize first.',
  already_initialized: 'This connection has sent initialize before.',
  invalid_transition: 'The goal cannot go from its status to the one asked for.',
  thread_not_found: 'No thread has this id.',
  goal_not_found: 'The thread has no goal, or no goal has this id.',
  turn_not_found: 'No turn with this id is in flight.',
  turn_not_steerable: 'The turn is in flight but takes no more input.',
  plan_not_found: 'The goal has no plan.',
  blocker_not_found: 'The goal has no open blocker with this id.',
  proposal_not_found: 'The goal has no pending proposal with this id.',
  approval_not_found:
    'No approval with this id waits for a decision; data has the one that counts.',
  checkpoint_not_found: 'The goal has no checkpoint with this id.',
  objective_empty: 'The objective has no text.',
  objective_too_long: 'The objective is longer than 4000 characters.',
  budget_not_positive: 'A budget must be more than 0.',
  budget_exhausted: 'The goal has used up its budget; raise it to go on.',
  budget_over_policy: 'The budget is more than the policy of this daemon allows.',
  price_unknown: 'A cost budget needs the price of the model: add it to pricing in config.json.',
  revision_conflict: 'The goal changed meanwhile; data has it as it stands. Read it and try again.',
  isolation_unavailable: 'The folder cannot have a working copy of its own.',
  sandbox_unavailable: 'This daemon cannot enforce the sandbox asked for.',
  feature_disabled: 'The configuration has this feature switched off.',
  cursor_expired: 'Events this old are no longer kept; data has the first seq there is.',
  epoch_changed: 'The store is new or was restored; start again without a cursor.',
  policy_refused: 'The caller may not do this.',
  method_not_found: 'No such method.',
  method_not_supported: 'A method of the reference protocol that goald does not serve.',
  invalid_params: 'The parameters are wrong; data.issues says which and why.',
  internal: 'Something failed in the daemon; its log has the cause under data.incidentId.',
  store_unavailable: 'The database cannot be read or written.',
  overloaded: 'Too many requests are waiting; try again later.',
};

/** What the number of an error means, whatever its string code. */
const NUMBER_MEANINGS: Readonly<Record<number, string>> = {
  [ERROR_CODES.parse_error]: 'Parse error',
  [ERROR_CODES.invalid_request]: 'Invalid request: data.code says why',
  [ERROR_CODES.method_not_found]: 'Method not found',
  [ERROR_CODES.invalid_params]: 'Invalid params',
  [ERROR_CODES.internal]: 'Internal error',
  [ERROR_CODES.overloaded]: 'Server overloaded',
};

/** Codes that any request can be answered with. */
const COMMON: readonly ErrorCode[] = [
  'invalid_request',
  'not_initialized',
  'invalid_params',
  'internal',
  'store_unavailable',
  'overloaded',
];

/** Every error as an OpenRPC error object, by string code. */
export function errorObjects(): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    errorCodes().map((code) => [
      code,
      { code: ERROR_CODES[code], message: ERROR_MEANINGS[code], data: { code } },
    ]),
  );
}

/** The codes a method with these own codes can answer, in the order of the table. */
export function codesOf(own: readonly ErrorCode[]): readonly ErrorCode[] {
  return errorCodes().filter((code) => own.includes(code) || COMMON.includes(code));
}

/** OpenRPC wants one error a number; data.code lists the string codes that travel under it. */
export function groupByNumber(codes: readonly ErrorCode[]): readonly JsonObject[] {
  return [...new Set(codes.map((code) => ERROR_CODES[code]))].map((number) => ({
    code: number,
    message: NUMBER_MEANINGS[number] ?? 'Error',
    data: { code: codes.filter((code) => ERROR_CODES[code] === number) },
  }));
}

function errorCodes(): readonly ErrorCode[] {
  return Object.keys(ERROR_CODES).filter((code): code is ErrorCode => code in ERROR_MEANINGS);
}
