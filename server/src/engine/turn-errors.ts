import type { TurnError } from '@goald/protocol';
import type { ModelError } from './ports/model.js';

/** A failure of the model as clients see it. */
export function turnErrorOf(failure: ModelError): TurnError {
  return {
    message: failure.message,
    codexErrorInfo: errorInfo(failure),
    additionalDetails: null,
    misalignment: null,
  };
}

/** The conversation does not fit the model's window. */
export function contextTurnError(message: string): TurnError {
  return {
    message,
    codexErrorInfo: 'contextWindowExceeded',
    additionalDetails: null,
    misalignment: null,
  };
}

/** A failure inside the daemon: its cause stands in the log, not on the wire. */
export function internalTurnError(incidentId: string): TurnError {
  return {
    message: `The turn failed inside the daemon. The log has the cause under incident ${incidentId}.`,
    codexErrorInfo: 'other',
    additionalDetails: null,
    misalignment: null,
  };
}

function errorInfo(failure: ModelError): TurnError['codexErrorInfo'] {
  switch (failure.kind) {
    case 'contextOverflow':
      return 'contextWindowExceeded';
    case 'quota':
      return 'usageLimitExceeded';
    case 'notConfigured':
      return 'unauthorized';
    case 'permanent':
      if (failure.status === 401 || failure.status === 403) return 'unauthorized';
      return failure.status === 404 ? 'modelNotFound' : 'badRequest';
    case 'transient':
      if (failure.status === 429) return 'rateLimitExceeded';
      return failure.status === null
        ? { responseStreamDisconnected: { httpStatusCode: null } }
        : { httpConnectionFailed: { httpStatusCode: failure.status } };
  }
}
