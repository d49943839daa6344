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

/** How long after the start V8 begins to optimise. Before the code is kept: it would be kept for a V8 with other flags. */
const OPTIMIZE_AFTER_MS = 500;

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

/** Bytes in memory that can be given back. */
interface Returnable {
  readonly bytes: Uint8Array;
  giveBack(): void;
}

/** Not in the library TypeScript knows for our target; Node has it since version 20. */
type ResizableBuffer = ArrayBuffer & { resize(bytes: number): void };

function readIfThere(path: string): Returnable | undefined {
  let file: number;
  try {
    file = fs.openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const { size } = fs.fstatSync(file);
    const options = { maxByteLength: size };
    const buffer = Reflect.construct(ArrayBuffer, [size, options]) as ResizableBuffer;
    const bytes = new Uint8Array(buffer);
    if (fs.readSync(file, bytes) < size) return undefined;
    return {
      bytes,
      giveBack: () => {
        buffer.resize(0);
      },
    };
  } finally {
    fs.closeSync(file);
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
  const kept = readIfThere(codeFile);
  const script = new vm.Script(source, { filename: bundle, cachedData: kept?.bytes });
  // V8 has taken what it needs. A daemon at rest collects no garbage: the megabyte would stay for good.
  kept?.giveBack();
  if (kept === undefined || script.cachedDataRejected === true) {
    setTimeout(() => keepCode(script, codeFile), KEEP_CODE_AFTER_MS).unref();
  }
  optimizeLater();
  const module: { exports: unknown } = { exports: {} };
  const wrapper = script.runInThisContext() as (...args: readonly unknown[]) => void;
  wrapper(module.exports, createRequire(bundle), module, bundle, path.dirname(bundle));
  return module.exports as Program;
}

/**
 * What a start runs often is run for the last time before its optimised code is ready. The compiler's memory would stay: 5 MB, a sixth
 * of what a daemon at rest has beside Node's own.
 */
function optimizeLater(): void {
  v8.setFlagsFromString('--no-opt');
  setTimeout(() => {
    v8.setFlagsFromString('--opt');
  }, OPTIMIZE_AFTER_MS).unref();
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
