import { judgeCommand } from '../approvals/command-trust.js';
import type { ShellSyntax } from '../ports/shell-syntax.js';
import type { PreparedCall } from '../ports/tools.js';

const NO_RULES = { allow: [], deny: [], ask: [] } as const;

const NO_CHANGES =
  'Not run: the user is planning with you, and nothing is changed until they have agreed. Put what you would change into the plan.';
const NOT_NOW =
  'Not run: this is a planning turn. Look, ask, and end it with the plan in <proposed_plan>; steps are ticked and the goal is moved when the plan is carried out.';
const LOOK_ONLY =
  'Not run: the user is planning with you, and no sandbox here could keep this command from changing anything. Run plain commands that only look (cat, ls, rg, git log …), without redirections, or read_file, list_files and search.';

/** What may run in a turn that plans: what only looks. */
export class PlanLeave {
  readonly #shell: ShellSyntax;

  constructor({ shell }: { readonly shell: ShellSyntax }) {
    this.#shell = shell;
  }

  /** Why a call does not run, in words for the model, or null. `isConfined`: a command could write nothing anyway; `cwd`: folder of the thread. */
  async refusal(
    { display, readOnly }: PreparedCall,
    { isConfined, cwd }: { readonly isConfined: boolean; readonly cwd: string },
  ): Promise<string | null> {
    switch (display.kind) {
      case 'command':
        return isConfined || (await this.#looks(display, cwd)) ? null : LOOK_ONLY;
      case 'fileChange':
        return NO_CHANGES;
      case 'mcp':
        return display.readOnlyHint === true ? null : mcpText(display.server, display.tool);
      case 'call':
        return readOnly ? null : NOT_NOW;
    }
  }

  async #looks(
    { command: text, cwd }: { readonly command: string; readonly cwd: string },
    folder: string,
  ): Promise<boolean> {
    const script = await this.#shell.read(text);
    const named = { text, script, inOwnFolder: cwd === folder };
    return judgeCommand(named, NO_RULES).kind === 'trusted';
  }
}

function mcpText(server: string, tool: string): string {
  return `Not run: this is a planning turn, and the MCP server ${server} does not call ${tool} read-only. Put it into the plan.`;
}
