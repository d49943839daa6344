import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BuiltInTools } from '@goald/server/agent/tools/tool-set.js';
import type {
  GoalControl,
  GoalProposal,
  ToolContext,
  ToolResult,
} from '@goald/server/engine/ports/tools.js';
import { ShellCommandRunner } from '@goald/server/workspace/command-runner.js';
import type { Goal, PlanStep } from '@goald/protocol';
import { tempFolder } from '../../helpers/temp-folder.js';

/** Records what tools ask of the goal and answers as told. */
export class GoalRecorder implements GoalControl {
  current: Goal | null = null;
  answer = { text: 'noted', success: true, endsTurn: false };
  readonly proposals: GoalProposal[] = [];
  readonly plans: { steps: readonly PlanStep[]; explanation: string | null }[] = [];

  goal(): Goal | null {
    return this.current;
  }

  propose(proposal: GoalProposal): Promise<{ text: string; success: boolean; endsTurn: boolean }> {
    this.proposals.push(proposal);
    return Promise.resolve(this.answer);
  }

  updatePlan(steps: readonly PlanStep[], explanation: string | null): void {
    this.plans.push({ steps, explanation });
  }
}

export interface ToolBench extends AsyncDisposable {
  readonly cwd: string;
  readonly outputDir: string;
  readonly tools: BuiltInTools;
  readonly goals: GoalRecorder;
  readonly abort: AbortController;
  readonly live: string[];
  context(itemId: string): ToolContext;
  call(name: string, args: unknown, itemId?: string): Promise<ToolResult>;
  write(path: string, content: string | Buffer): Promise<void>;
  read(path: string): Promise<string>;
}

/** The built-in tools over a folder of their own. A token is four characters here. */
export async function toolBench(options: { outputTokens?: number } = {}): Promise<ToolBench> {
  const folder = await tempFolder();
  const cwd = join(folder.path, 'work');
  const outputDir = join(folder.path, 'outputs');
  await mkdir(cwd);
  const commands = new ShellCommandRunner({
    homeId: `test-${folder.path}`,
    stopGraceMs: 200,
    env: process.env,
  });
  const tools = new BuiltInTools({
    commands,
    outputDir,
    outputTokens: options.outputTokens ?? 10_000,
    countTokens: (text) => Math.ceil(text.length / 4),
    commandTimeoutMs: 20_000,
  });
  const goals = new GoalRecorder();
  const abort = new AbortController();
  const live: string[] = [];
  const turnId = `turn-${folder.path}`;
  const context = (itemId: string): ToolContext => ({
    threadId: 'thread',
    turnId,
    itemId,
    cwd,
    signal: abort.signal,
    goals,
    onOutput: (text) => live.push(text),
  });
  return {
    cwd,
    outputDir,
    tools,
    goals,
    abort,
    live,
    context,
    call: (name, args, itemId = 'item-1') => {
      const text = typeof args === 'string' ? args : JSON.stringify(args);
      const prepared = tools.prepare(
        { callId: 'call', name, arguments: text },
        { cwd, goalTools: true },
      );
      return prepared.run(context(itemId));
    },
    write: async (path, content) => {
      await mkdir(dirname(join(cwd, path)), { recursive: true });
      await writeFile(join(cwd, path), content);
    },
    read: (path) => readFile(join(cwd, path), 'utf8'),
    [Symbol.asyncDispose]: async () => {
      await commands.killTurn(turnId);
      await folder[Symbol.asyncDispose]();
    },
  };
}
