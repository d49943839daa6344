import { execFile } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { ROOT } from './programs.js';

/** What the figures hold for. No names of hosts or people. */
export interface Machine {
  readonly commit: string;
  /** Files differed from the commit. */
  readonly changed: boolean;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

export async function describeMachine(): Promise<Machine> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', args, { cwd: ROOT })).stdout.trim();
  return {
    commit: await git('rev-parse', '--short=12', 'HEAD').catch(() => 'unknown'),
    changed: await git('status', '--porcelain', '--untracked-files=no').then(
      (text) => text !== '',
      () => false,
    ),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  };
}
