#!/usr/bin/env node
// The entry of goal. A script, not a module: Node starts those sooner. Where there are bundles no older than the compiled
// modules it runs these, and looks at goals without loading the rest; else the modules themselves: the same, only slower.

import type { runGoal } from './full.js' with { 'resolution-mode': 'import' };
import type { quickStatus } from './quick/status.js' with { 'resolution-mode': 'import' };

const fs = process.getBuiltinModule('node:fs');
const path = process.getBuiltinModule('node:path');
const vm = process.getBuiltinModule('node:vm');

interface Full {
  readonly runGoal: typeof runGoal;
}
interface Quick {
  readonly quickStatus: typeof quickStatus;
}

const bundles = path.join(__dirname, 'bundle');
const COMPILED = ['.', '../../core/dist', '../../../protocol/dist'];

function modifiedMs(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** When a bundle was made; null when there is none, or tsc has run since: it would be the program as it was before. */
function madeMs(bundle: string): number | null {
  const compiledMs = COMPILED.map((folder) =>
    modifiedMs(path.join(__dirname, folder, '.tsbuildinfo')),
  );
  const bundledMs = modifiedMs(path.join(bundles, bundle));
  return bundledMs > Math.max(...compiledMs) ? bundledMs : null;
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

interface Loaded {
  readonly exported: unknown;
  /** To be called when the program has run: then all that it needs is compiled. */
  keepCode(): void;
}

/**
 * Loads a bundle with the code V8 made of it last time. V8 refuses code of another version of itself, but of the source it compares
 * only the length: so the name of the code says of which build it is.
 */
function load(bundle: string, bundledMs: number): Loaded {
  const file = path.join(bundles, bundle);
  const codeFile = `${file}-${process.version}-${process.arch}-${String(bundledMs)}.code`;
  const cachedData = readIfThere(codeFile);
  const script = new vm.Script(fs.readFileSync(file, 'latin1'), { filename: file, cachedData });
  const made: { exports: unknown } = { exports: {} };
  const wrapper = script.runInThisContext() as (...args: readonly unknown[]) => void;
  wrapper(made.exports, requireFromBundles, made, file, bundles);
  return {
    exported: made.exports,
    keepCode: () => {
      if (cachedData === undefined || script.cachedDataRejected === true) keep(script, codeFile);
    },
  };
}

/** What createRequire makes does the same and takes longer to make. */
function requireFromBundles(name: string): unknown {
  return module.require(name.startsWith('./') ? path.join(bundles, name) : name);
}

function keep(script: InstanceType<typeof vm.Script>, file: string): void {
  const draft = `${file}.${String(process.pid)}`;
  try {
    fs.writeFileSync(draft, script.createCachedData());
    fs.renameSync(draft, file);
  } catch {
    // Installed where we may not write: the next start compiles again.
  }
}

/** Whether it is worth asking: the quick program itself decides. */
function mayBeStatus([first = 'status']: readonly string[]): boolean {
  return first === 'status' || first.startsWith('--');
}

async function main(args: readonly string[]): Promise<number> {
  const quickMs = mayBeStatus(args) ? madeMs('status.cjs') : null;
  if (quickMs !== null) {
    const quick = load('status.cjs', quickMs);
    const exitCode = await (quick.exported as Quick).quickStatus(args);
    if (exitCode !== null) {
      quick.keepCode();
      return exitCode;
    }
  }
  const fullMs = madeMs('goal.cjs');
  if (fullMs === null) return (await import('./full.js')).runGoal(args);
  const full = load('goal.cjs', fullMs);
  const exitCode = await (full.exported as Full).runGoal(args);
  full.keepCode();
  return exitCode;
}

void main(process.argv.slice(2)).then((exitCode) => {
  // The code is set and the program left to end by itself: ending it by force would cut off what a pipe has not taken yet.
  process.exitCode = exitCode;
});
