#!/usr/bin/env node
// The entry of goal. A script, not a module: Node starts those sooner. Where there are bundles no older than the compiled
// modules it runs these, and looks at goals without loading the rest; else the modules themselves: the same, only slower.

import type { runGoal } from './full.js' with { 'resolution-mode': 'import' };
import type { quickStatus } from './quick/status.js' with { 'resolution-mode': 'import' };

const fs = process.getBuiltinModule('node:fs');
const nodeModule: CompileCaching = process.getBuiltinModule('node:module');
const path = process.getBuiltinModule('node:path');

/** From Node 22.8 on. */
interface CompileCaching {
  createRequire(from: string): (file: string) => unknown;
  enableCompileCache?(folder: string): unknown;
}
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

/** False also when tsc has run since: the bundle would be the program as it was before. */
function isFresh(bundle: string): boolean {
  const compiledMs = COMPILED.map((folder) =>
    modifiedMs(path.join(__dirname, folder, '.tsbuildinfo')),
  );
  return modifiedMs(path.join(bundles, bundle)) > Math.max(...compiledMs);
}

/** Whether it is worth asking: the quick program itself decides. */
function mayBeStatus([first = 'status']: readonly string[]): boolean {
  return first === 'status' || first.startsWith('--');
}

async function main(args: readonly string[]): Promise<number> {
  const require = nodeModule.createRequire(__filename);
  if (mayBeStatus(args) && isFresh('status.cjs')) {
    const exitCode = await (require(path.join(bundles, 'status.cjs')) as Quick).quickStatus(args);
    if (exitCode !== null) return exitCode;
  }
  if (!isFresh('goal.cjs')) return (await import('./full.js')).runGoal(args);
  nodeModule.enableCompileCache?.(path.join(bundles, 'compiled'));
  return (require(path.join(bundles, 'goal.cjs')) as Full).runGoal(args);
}

void main(process.argv.slice(2)).then((exitCode) => {
  // The code is set and the program left to end by itself: ending it by force would cut off what a pipe has not taken yet.
  process.exitCode = exitCode;
});
