import { REFERENCE_NOT_SERVED, REFERENCE_SERVED, requests } from '@goald/protocol';
import { expect, it } from 'vitest';

const served = new Set(Object.values(requests).map(({ method }): string => method));

it('what the table says is served is served', () => {
  expect([...REFERENCE_SERVED.keys()].filter((method) => !served.has(method))).toEqual([]);
});

it('what the table says is not served is not, under the reference’s name or with another meaning', () => {
  expect([...REFERENCE_NOT_SERVED.keys()].filter((method) => served.has(method))).toEqual([]);
});

it('has every method of the reference once', () => {
  const all = [...REFERENCE_SERVED.keys(), ...REFERENCE_NOT_SERVED.keys()];
  expect(new Set(all).size).toBe(all.length);
  expect(all).toHaveLength(187);
});
