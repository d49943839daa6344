import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigInput } from '@goald/protocol';

const PROGRAM = fileURLToPath(new URL('../../fixtures/mcp/scripted-server.js', import.meta.url));

export interface McpScript {
  readonly tools: readonly string[];
  readonly dieAtStart?: boolean;
  readonly hangAtStart?: boolean;
}

export type McpServerInput = NonNullable<ConfigInput['mcpServers']>[string];

/** A scripted server: what it does stands in a file that a test may change while it runs. */
export class ScriptedMcp {
  readonly #file: string;

  constructor(folder: string, name: string) {
    this.#file = join(folder, `${name}.json`);
  }

  /** Stores what it does from now on, and answers how it is started. */
  async does(script: McpScript): Promise<{ command: string; args: string[] }> {
    await writeFile(this.#file, JSON.stringify(script));
    return { command: process.execPath, args: [PROGRAM, this.#file] };
  }

  /** What it was asked, over all its lives. */
  async log(): Promise<readonly string[]> {
    const text = await readFile(`${this.#file}.log`, 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  /** Process ids of all its lives. */
  async pids(): Promise<readonly number[]> {
    const lines = await this.log();
    return lines.filter((line) => line.startsWith('start ')).map((line) => Number(line.slice(6)));
  }
}

/** Whether a process is there and no zombie. */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  if (stat === '' && process.platform === 'linux') return false;
  if (stat !== '') return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
