import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const GOAL = fileURLToPath(new URL('../../clients/cli/dist/goal.cjs', import.meta.url));

export interface GoalCommand {
  readonly home: string;
  /** Folder it is called in. */
  readonly cwd: string;
  /** Beside PATH and HOME, which is the home. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface GoalExit {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `goal` in a process of its own, without a terminal, to its end. The scripted model, which is in this process, can answer meanwhile. */
export async function goalCommand(where: GoalCommand, ...args: string[]): Promise<GoalExit> {
  const child = spawn(process.execPath, [GOAL, '--home', where.home, ...args], {
    cwd: where.cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: where.home, ...where.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, out, err] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

/** What a command printed with `--json`: one value a line. */
export function jsonLines<T>({ out }: GoalExit): T[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
