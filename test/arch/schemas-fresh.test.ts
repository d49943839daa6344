import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from './sources.js';

const generator = ['node_modules/tsx/dist/cli.mjs', 'protocol/generate/main.ts'];
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'goald-schemas-'));
  execFileSync(process.execPath, [...generator, '--out', copy], { cwd: ROOT });
});

afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

function check(folder: string): { code: number | null; output: string } {
  const run = spawnSync(process.execPath, [...generator, '--check', '--out', folder], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { code: run.status, output: run.stderr };
}

it('schemas/ is what the protocol says today', () => {
  expect(check(join(ROOT, 'schemas'))).toEqual({ code: 0, output: '' });
});

it('a second generation gives the same bytes', () => {
  expect(check(copy).code).toBe(0);
});

it('an edited, a missing and a left-over file are each noticed', () => {
  appendFileSync(join(copy, 'openrpc.json'), ' ');
  rmSync(join(copy, 'errors.json'));
  writeFileSync(join(copy, 'messages', 'Old.json'), '{}');
  const { code, output } = check(copy);
  expect(code).toBe(1);
  expect(output).toContain('different: openrpc.json');
  expect(output).toContain('missing: errors.json');
  expect(output).toContain('left over: messages/Old.json');
  expect(output).toContain('npm run schemas');
});
