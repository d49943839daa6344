import { homeId } from '@goald/protocol';
import { expect, it } from 'vitest';

it('names a home by 16 digits, the same everywhere and another for each folder', () => {
  expect(homeId('a')).toBe('af63dc4c8601ec8c');
  const ids = ['/home/ada/.goald', '/home/ada/.goald2', '/home/äda/.goald', ''].map(homeId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[\da-f]{16}$/u);
});
