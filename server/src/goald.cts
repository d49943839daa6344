#!/usr/bin/env node
// The entry of goald. A script, not a module: Node starts those sooner. It runs the bundle where there is one that is no older
// than the compiled modules, else the modules themselves: the same program, only slower to start.

import type { runGoald } from './program.js' with { 'resolution-mode': 'import' };

const fs = process.getBuiltinModule('node:fs');
const { createRequire } = process.getBuiltinModule('node:module');
const path = process.getBuiltinModule('node:path');
const v8 = process.getBuiltinModule('node:v8');
const vm = process.getBuiltinModule('node:vm');

interface Program {
  readonly runGoald: typeof runGoald;
}

/** How long after the start what V8 compiled is kept: by then all that a start needs has run. */
const KEEP_CODE_AFTER_MS = 2000;
/** How long a start may take before the heap is let grow as V8 would have it. */
const KEEP_SMALL_MS = 500;
/** By how much the room for young objects grows when it was too small; V8's own figure. */
const GROWTH = 2;

const bundle = path.join(__dirname, 'bundle', 'goald.cjs');

function modifiedMs(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** False also when tsc has run since: the bundle would be the program as it was before. */
function isBundleFresh(): boolean {
  const compiled = ['.tsbuildinfo', '../../protocol/dist/.tsbuildinfo'];
  const compiledMs = compiled.map((file) => modifiedMs(path.join(__dirname, file)));
  return modifiedMs(bundle) > Math.max(...compiledMs);
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

/**
 * Runs the bundle with the code V8 made of it last time. V8 refuses code of another version of itself, but of the source it
 * compares only the length: so the name says of which build it is.
 */
function runBundle(): Program {
  const file = fs.openSync(bundle, 'r');
  const source = fs.readFileSync(file, 'latin1');
  const build = `${process.version}-${process.arch}-${fs.fstatSync(file).mtimeMs}`;
  fs.closeSync(file);
  const codeFile = path.join(path.dirname(bundle), `goald-${build}.code`);
  const cachedData = readIfThere(codeFile);
  const script = new vm.Script(source, { filename: bundle, cachedData });
  if (cachedData === undefined || script.cachedDataRejected === true) {
    setTimeout(() => keepCode(script, codeFile), KEEP_CODE_AFTER_MS).unref();
  }
  keepSmall();
  const module: { exports: unknown } = { exports: {} };
  const wrapper = script.runInThisContext() as (...args: readonly unknown[]) => void;
  wrapper(module.exports, createRequire(bundle), module, bundle, path.dirname(bundle));
  return module.exports as Program;
}

/**
 * A start makes much that lives on, for which V8 widens the room for young objects and then keeps it, to hold nothing in a daemon
 * at rest. What a start makes goes to the old ones a little sooner instead. After the bundle is compiled: V8 refuses code that was
 * kept under other flags.
 */
function keepSmall(): void {
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  setTimeout(() => {
    v8.setFlagsFromString(`--semi-space-growth-factor=${String(GROWTH)}`);
  }, KEEP_SMALL_MS).unref();
}

function keepCode(script: InstanceType<typeof vm.Script>, file: string): void {
  const draft = `${file}.${String(process.pid)}`;
  try {
    fs.writeFileSync(draft, script.createCachedData());
    fs.renameSync(draft, file);
  } catch {
    // Installed where we may not write: the next start compiles again.
  }
}

async function main(): Promise<void> {
  const program = isBundleFresh() ? runBundle() : await import('./program.js');
  process.exitCode = await program.runGoald({ args: process.argv.slice(2), env: process.env });
}

void main();
