import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
export const GOALD = join(ROOT, 'server/dist/goald.cjs');
export const GOAL = join(ROOT, 'clients/cli/dist/goal.cjs');

/** A file to be loaded with `--require`: it writes down, a line each, what the process requires. */
export function requireRecorder(folder: string): { script: string; loaded: () => string[] } {
  const script = join(folder, 'recorder.cjs');
  const list = join(folder, 'loaded.txt');
  writeFileSync(list, '');
  writeFileSync(
    script,
    `const Module = require('node:module');
    const { appendFileSync } = require('node:fs');
    const load = Module._load;
    Module._load = function (name, ...rest) {
      appendFileSync(${JSON.stringify(list)}, name + '\\n');
      return load.call(this, name, ...rest);
    };`,
  );
  return {
    script,
    loaded: () => readFileSync(list, 'utf8').trim().split('\n'),
  };
}

/** Runs a Node script to its end. */
export function runNode(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    encoding: 'utf8',
    cwd,
  });
  return { code: status, out: stdout, err: stderr };
}

/** A copy of the compiled server without its bundle. Answers its dist folder. */
export function serverWithoutBundle(folder: string): string {
  const dist = join(folder, 'server', 'dist');
  mkdirSync(join(folder, 'server'));
  cpSync(join(ROOT, 'server/dist'), dist, {
    recursive: true,
    filter: (path) => !/\/dist\/(bundle|native)/.test(path),
  });
  cpSync(join(ROOT, 'server/package.json'), join(folder, 'server/package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  symlinkSync(join(ROOT, 'server/node_modules'), join(folder, 'server/node_modules'));
  return dist;
}
