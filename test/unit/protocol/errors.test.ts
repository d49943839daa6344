import { ERROR_CODES, errorDataSchema, ProtocolError, type ErrorCode } from '@goald/protocol';
import { expect, it } from 'vitest';

it.each(Object.entries(ERROR_CODES))(
  '%s travels under %i with its code in data',
  (code, number) => {
    const error = new ProtocolError(code as ErrorCode, 'What to do.');
    expect(error.rpcCode).toBe(number);
    expect(errorDataSchema.parse(error.data)).toEqual({ code });
    expect(error).toMatchObject({ name: 'ProtocolError', message: 'What to do.' });
  },
);

it('details travel beside the code and cannot replace it', () => {
  const error = new ProtocolError('revision_conflict', 'Read it again.', {
    code: 'internal',
    revision: 8,
  });
  expect(error.data).toEqual({ code: 'revision_conflict', revision: 8 });
});

it('an unknown code is not taken for error data', () => {
  expect(errorDataSchema.safeParse({ code: 'oops' }).success).toBe(false);
  expect(errorDataSchema.safeParse({ code: 'internal', incidentId: 'i-1', more: 1 }).success).toBe(
    true,
  );
});
