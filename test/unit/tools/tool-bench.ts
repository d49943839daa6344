import type { ViewRule } from '@goald/server/engine/ports/view-rules.js';
import { unconfined } from '@goald/server/engine/ports/confinement.js';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OutputFiles } from '@goald/server/agent/tools/output-files.js';
import { BuiltInTools } from '@goald/server/agent/tools/tool-set.js';
import {
  BackgroundError,
  type BackgroundControl,
  type BackgroundProcess,
  type WaitReply,
  type WaitRequest,
} from '@goald/server/engine/ports/background.js';
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

/** Records what tools ask of waits and background processes; its processes are what the test says. */
export class BackgroundRecorder implements BackgroundControl {
  readonly waits: WaitRequest[] = [];
  readonly started: Parameters<BackgroundControl['start']>[0][] = [];
  readonly processes: BackgroundProcess[] = [];
  reply: WaitReply = { text: 'Waiting.', success: true, waits: true };
  refusal: string | null = null;

  wait(request: WaitRequest): WaitReply {
    this.waits.push(request);
    return this.reply;
  }

  start(request: Parameters<BackgroundControl['start']>[0]): Promise<BackgroundProcess> {
    if (this.refusal !== null) return Promise.reject(new BackgroundError(this.refusal));
    this.started.push(request);
    return Promise.resolve(this.add({ command: request.command }));
  }

  /** Another process that runs. */
  add(fields: Partial<BackgroundProcess>): BackgroundProcess {
    const process = {
      number: this.processes.length + 1,
      command: 'serve',
      pid: 99,
      outputFile: '/nowhere',
      ended: null,
      polledBytes: 0,
      ...fields,
    };
    this.processes.push(process);
    return process;
  }

  find(number: number): BackgroundProcess | undefined {
    return this.processes.find((process) => process.number === number);
  }

  running(): readonly BackgroundProcess[] {
    return this.processes.filter((process) => process.ended === null);
  }

  polled(number: number, polledBytes: number): void {
    this.#change(number, { polledBytes });
  }

  kill(number: number): Promise<BackgroundProcess | undefined> {
    this.#change(number, { ended: 'was killed' });
    return Promise.resolve(this.find(number));
  }

  #change(number: number, change: Partial<BackgroundProcess>): void {
    const at = this.processes.findIndex((process) => process.number === number);
    const process = this.processes[at];
    if (process !== undefined) this.processes[at] = { ...process, ...change };
  }
}

export interface ToolBench extends AsyncDisposable {
  readonly cwd: string;
  readonly outputDir: string;
  readonly tools: BuiltInTools;
  readonly goals: GoalRecorder;
  readonly background: BackgroundRecorder;
  readonly abort: AbortController;
  readonly live: string[];
  context(itemId: string): ToolContext;
  call(name: string, args: unknown, itemId?: string): Promise<ToolResult>;
  write(path: string, content: string | Buffer): Promise<void>;
  read(path: string): Promise<string>;
}

/** The built-in tools over a folder of their own. A token is four characters here. */
export async function toolBench(
  options: { outputTokens?: number; viewOf?: () => readonly ViewRule[] | null } = {},
): Promise<ToolBench> {
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
    outputs: new OutputFiles({
      folder: outputDir,
      limit: options.outputTokens ?? 10_000,
      countTokens: (text) => Math.ceil(text.length / 4),
    }),
    commandTimeoutMs: 20_000,
    viewOf: options.viewOf ?? (() => null),
  });
  const goals = new GoalRecorder();
  const background = new BackgroundRecorder();
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
    confinement: unconfined(cwd, 'thread'),
    background,
    onOutput: (text) => live.push(text),
    onProgress: () => undefined,
  });
  return {
    cwd,
    outputDir,
    tools,
    goals,
    background,
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
