import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../src/parse-duration.js';

test('reads each unit', () => {
  assert.equal(parseDuration('250ms'), 250);
  assert.equal(parseDuration('90s'), 90_000);
  assert.equal(parseDuration('15m'), 900_000);
  assert.equal(parseDuration('2h'), 7_200_000);
  assert.equal(parseDuration('1d'), 86_400_000);
});

test('adds up parts', () => {
  assert.equal(parseDuration('1h 30m'), 5_400_000);
  assert.equal(parseDuration('1m30s'), 90_000);
});

test('reads fractions', () => {
  assert.equal(parseDuration('1.5h'), 5_400_000);
  assert.equal(parseDuration('0.25s'), 250);
});

test('refuses what is no length of time', () => {
  for (const text of ['', 'soon', '5 parsecs', '10m or so', '1h, 30m']) {
    assert.throws(() => parseDuration(text), RangeError, `accepted ${JSON.stringify(text)}`);
  }
});
