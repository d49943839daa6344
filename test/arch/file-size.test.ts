import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { CODE_FOLDERS, sourcesUnder } from './sources.js';

const MAX_LINES = 400;
const files = sourcesUnder(...CODE_FOLDERS);

it('finds the sources', () => {
  expect(files.length).toBeGreaterThan(50);
});

it(`no source has more than ${String(MAX_LINES)} lines`, () => {
  const long = files
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > MAX_LINES);
  expect(long).toEqual([]);
});

it('file names are kebab-case', () => {
  const wrong = files
    .map(({ path }) => path)
    .filter(
      (path) =>
        !/^[a-z0-9]+(-[a-z0-9]+)*(\.(property\.test|test|config|d))?\.[cm]?tsx?$/.test(
          basename(path),
        ),
    );
  expect(wrong).toEqual([]);
});
