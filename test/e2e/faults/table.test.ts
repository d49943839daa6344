import { expect, it } from 'vitest';
import { ANSWER_CASES } from './cases/answer.js';
import { ABSENCE_CASES, CONNECTION_CASES } from './cases/connection.js';
import { STATUS_CASES } from './cases/status.js';
import { faultRows } from './support/table.js';

it('every row of the table of model faults has a test, and every test a row', () => {
  const tested = [ABSENCE_CASES, CONNECTION_CASES, STATUS_CASES, ANSWER_CASES].flatMap((cases) =>
    Object.keys(cases),
  );
  expect(new Set(tested).size).toBe(tested.length);
  expect(
    faultRows()
      .map((row) => row.id)
      .sort(),
  ).toEqual(tested.sort());
});

it('no cell of the table is empty', () => {
  for (const { fault, sees, charged, next } of faultRows()) {
    expect([fault, sees[0], charged, next]).not.toContain('');
    expect(charged).toMatch(/^(?:Nothing|An estimate|The provider’s figures)/);
  }
});
