import type { CommandRunner } from '../../engine/ports/commands.js';
import type { ToolSpec } from '../../engine/ports/model.js';
import type { PreparedCall, ToolCall, ToolSet } from '../../engine/ports/tools.js';
import { applyPatchTool } from './apply-patch.js';
import { getGoalTool } from './get-goal.js';
import { listFilesTool } from './list-files.js';
import type { OutputFiles } from './output-files.js';
import { processTool } from './process.js';
import { readFileTool } from './read-file.js';
import { searchTool } from './search.js';
import { setGoalTool } from './set-goal.js';
import type { ViewOf } from './seen-files.js';
import { shellTool } from './shell.js';
import { failedCall, type Tool } from './tool.js';
import { updatePlanTool } from './update-plan.js';
import { waitTool } from './wait.js';

const GOAL_TOOLS: ReadonlySet<string> = new Set(['get_goal', 'set_goal']);

export interface BuiltInToolsOptions {
  readonly commands: CommandRunner;
  readonly outputs: OutputFiles;
  /** For shell calls that name no timeout. */
  readonly commandTimeoutMs: number;
  /** What the files of a confinement look like. */
  readonly viewOf: ViewOf;
}

/** The tools goald brings along. Their order and bytes are part of the cached prefix. */
export class BuiltInTools implements ToolSet {
  readonly #tools: ReadonlyMap<string, Tool>;

  constructor(options: BuiltInToolsOptions) {
    const { outputs } = options;
    const tools = [
      shellTool({
        commands: options.commands,
        outputs,
        viewOf: options.viewOf,
        defaultTimeoutMs: options.commandTimeoutMs,
      }),
      applyPatchTool(outputs, options.viewOf),
      readFileTool(outputs, options.viewOf),
      listFilesTool(outputs, options.viewOf),
      searchTool(outputs, options.viewOf),
      updatePlanTool(outputs),
      waitTool(outputs),
      processTool(outputs),
      getGoalTool(outputs),
      setGoalTool(outputs),
    ];
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
  }

  specs(options: { goalTools: boolean }): readonly ToolSpec[] {
    return this.#offered(options.goalTools).map((tool) => tool.spec);
  }

  prepare(call: ToolCall, options: { cwd: string; goalTools: boolean }): PreparedCall {
    const tool = this.#tools.get(call.name);
    if (tool === undefined || (GOAL_TOOLS.has(call.name) && !options.goalTools)) {
      const names = this.#offered(options.goalTools).map((offered) => offered.name);
      return failedCall(call, `There is no tool named "${call.name}". Tools: ${names.join(', ')}.`);
    }
    return tool.prepare(call, options.cwd);
  }

  #offered(goalTools: boolean): Tool[] {
    return [...this.#tools.values()].filter((tool) => goalTools || !GOAL_TOOLS.has(tool.name));
  }
}
