import { ModelError, type ModelErrorKind } from '../../engine/ports/model.js';
import { failureKind } from './failure-kind.js';
import { filledOf, isObject, numberOf, objectOf, textOf } from './json.js';
import { causesOf, networkFailure } from './network-failure.js';
import { presentable } from './redact.js';
import { resetAtMs, retryAfterMs, type HeaderReader } from './retry-time.js';
import { StreamTimeoutError } from './stream-guard.js';
import { CutStreamError, NoStreamError, StreamedError } from './stream-reader.js';

/** What surrounds a failure. */
export interface FailureContext {
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** True when the provider had already sent output. */
  readonly outputSeen: boolean;
  /** True when the answer had begun: its first byte was there. */
  readonly answerBegan: boolean;
  /** Texts that must not show up in a message. */
  readonly secrets: readonly string[];
  /** Where the request went, as a person may read it. */
  readonly server: string;
  readonly model: string;
}

/** The error a model request failed with, classified. Pure: reads the shapes of errors, asks nobody. */
export function toModelError(thrown: unknown, context: FailureContext): ModelError {
  const error = causesOf(thrown).find(isOurs) ?? thrown;
  if (error instanceof ModelError) return error;
  if (error instanceof StreamTimeoutError || error instanceof CutStreamError) {
    return brokenOff(error.message, context);
  }
  if (error instanceof NoStreamError) {
    const message = `${context.server} ${presentable(error.message, context.secrets)}`;
    return new ModelError({ kind: error.lasting ? 'permanent' : 'transient', message });
  }
  if (error instanceof StreamedError) return providerError(error.body, null, null, true, context);
  const shape = objectOf(error);
  const status = numberOf(shape['status']);
  const body = shape['error'];
  if (status !== null || isObject(body) || filledOf(body) !== null) {
    const headers = isHeaderReader(shape['headers']) ? shape['headers'] : null;
    const said = isObject(body)
      ? body
      : { message: textOf(body) ?? textOf(shape['message']) ?? '' };
    return providerError(said, status, headers, status === null, context);
  }
  if (error instanceof SyntaxError) {
    return brokenOff(`${context.server} sent a stream that is not valid JSON.`, context);
  }
  const network = networkFailure(error, context.server);
  return new ModelError({
    ...network,
    message: presentable(network.message, context.secrets),
    mayHaveCost: context.outputSeen || network.mayHaveCost,
    answerBegan: context.answerBegan,
  });
}

/** Errors that say themselves what happened, wherever in the causes they stand. */
function isOurs(error: unknown): boolean {
  return (
    error instanceof ModelError ||
    error instanceof StreamTimeoutError ||
    error instanceof CutStreamError ||
    error instanceof NoStreamError ||
    error instanceof StreamedError
  );
}

function brokenOff(message: string, { answerBegan }: FailureContext): ModelError {
  return new ModelError({ kind: 'transient', message, mayHaveCost: true, answerBegan });
}

function providerError(
  body: unknown,
  httpStatus: number | null,
  headers: HeaderReader | null,
  streamed: boolean,
  context: FailureContext,
): ModelError {
  const error = objectOf(body);
  // Routers put the status of the server behind them into the code of a streamed error.
  const status = httpStatus ?? statusLike(error['code']) ?? statusLike(error['status']);
  const codes = [
    error['code'],
    error['type'],
    error['status'],
    objectOf(error['innererror'])['code'],
  ]
    .map(filledOf)
    .filter((code) => code !== null);
  const said = presentable(textOf(error['message']) ?? textOf(body) ?? '', context.secrets);
  const kind = failureKind({ status, codes, message: said });
  const words = said === '' ? (codes[0] ?? 'no reason given') : withoutStatus(said, status);
  return new ModelError({
    kind,
    message: `${context.server} answered${status === null ? '' : ` ${String(status)}`}: ${words}${advice(kind, status, context)}`,
    status,
    retryAfterMs: kind === 'transient' ? retryAfterMs(headers, said, context.nowMs) : null,
    resetAtMs: kind === 'quota' ? resetAtMs(error, headers, context.nowMs) : null,
    mayHaveCost: context.outputSeen || (streamed && kind === 'transient' && status !== 429),
    answerBegan: streamed,
  });
}

function advice(kind: ModelErrorKind, status: number | null, context: FailureContext): string {
  if (kind !== 'permanent') return '';
  if (status === 401) return ' (check OPENAI_API_KEY)';
  if (status === 403) return ' (check what OPENAI_API_KEY may do)';
  if (status === 404) {
    return ` (check the model "${context.model}", GOALD_MODEL; the server, OPENAI_BASE_URL; and GOALD_WIRE_API)`;
  }
  return '';
}

function statusLike(value: unknown): number | null {
  const status = numberOf(value) ?? (typeof value === 'string' ? Number(value) : Number.NaN);
  return Number.isInteger(status) && status >= 400 && status < 600 ? status : null;
}

function withoutStatus(message: string, status: number | null): string {
  const prefix = `${String(status)} `;
  return message.startsWith(prefix) ? message.slice(prefix.length) : message;
}

function isHeaderReader(value: unknown): value is HeaderReader {
  return (
    typeof value === 'object' && value !== null && 'get' in value && typeof value.get === 'function'
  );
}
