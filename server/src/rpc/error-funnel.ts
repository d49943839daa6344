import { randomUUID } from 'node:crypto';
import { ProtocolError, RPC_ERROR, type ErrorData } from '@goald/protocol';
import { ResponseError } from 'vscode-jsonrpc/node';

/** Told of every error that is no answer to the client's input. Must not throw. */
export type IncidentListener = (incidentId: string, error: unknown, method: string) => void;

/** Where every error of a request becomes an answer. Nothing but a ProtocolError's own words leaves the process. */
export class ErrorFunnel {
  readonly #onIncident: IncidentListener;

  constructor(onIncident: IncidentListener) {
    this.#onIncident = onIncident;
  }

  /** What the client is answered. `aborted`: the request was cancelled or its client is gone. */
  answerTo(error: unknown, method: string, aborted = false): ResponseError<ErrorData> {
    if (error instanceof ProtocolError) return toResponseError(error);
    if (aborted && isAbort(error)) return cancelled();
    const incidentId = randomUUID();
    this.#onIncident(incidentId, error, method);
    return toResponseError(
      new ProtocolError(
        'internal',
        `Internal error. The log of the daemon has the cause under ${incidentId}.`,
        { incidentId },
      ),
    );
  }
}

/** The answer to a request the client gave up. */
export function cancelled(): ResponseError<ErrorData> {
  return new ResponseError<ErrorData>(RPC_ERROR.requestCancelled, 'Request cancelled', {
    code: 'invalid_request',
  });
}

function toResponseError(error: ProtocolError): ResponseError<ErrorData> {
  return new ResponseError<ErrorData>(error.rpcCode, error.message, error.data);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
