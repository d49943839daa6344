import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { NestedCache } from '@goald/server/workspace/sandbox/nested-cache.js';
import { eventually } from '../../helpers/eventually.js';

const folders: string[] = [];

function project(): string {
  const root = mkdtempSync(join(tmpdir(), 'goald-nested-'));
  folders.push(root);
  return root;
}

function addRepository(root: string, path: string): string {
  const repository = join(root, path);
  mkdirSync(join(repository, '.git'), { recursive: true });
  return repository;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

it('repositories below a folder are found, its own and those of packages aside', async () => {
  const root = project();
  const cache = new NestedCache();
  addRepository(root, '.');
  addRepository(root, 'node_modules/packed');
  const [first, second] = [addRepository(root, 'a'), addRepository(root, 'b/c')];
  expect(cache.of(root).toSorted()).toEqual([first, second]);
  const prepared = new NestedCache();
  await prepared.prepare(root);
  rmSync(second, { recursive: true });
  expect(prepared.of(root).toSorted()).toEqual([first, second]);
});

it('what was found is renewed beside the commands that use it, and is never used after a minute', async () => {
  const root = project();
  let nowMs = 0;
  const cache = new NestedCache(() => nowMs);
  await cache.prepare(root);
  const late = addRepository(root, 'late');
  nowMs = 19_000;
  await cache.prepare(root);
  expect(cache.of(root)).toEqual([]);
  nowMs = 21_000;
  await cache.prepare(root);
  await eventually('the search beside the commands', () => cache.of(root).includes(late));
  const later = addRepository(root, 'later');
  nowMs = 82_000;
  expect(cache.of(root).toSorted()).toEqual([late, later]);
});

it('what was found stays, however many folders are made in its way', async () => {
  const root = project();
  let nowMs = 0;
  const cache = new NestedCache(() => nowMs);
  const found = addRepository(root, 'z/module');
  await cache.prepare(root);
  for (let at = 0; at < 4100; at += 1) mkdirSync(join(root, `a${String(at)}`));
  nowMs = 61_000;
  expect(cache.of(root)).toEqual([found]);
  rmSync(found, { recursive: true });
  nowMs = 122_000;
  expect(cache.of(root)).toEqual([]);
});
