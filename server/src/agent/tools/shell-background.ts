import { BackgroundError } from '../../engine/ports/background.js';
import type { ToolContext, ToolResult } from '../../engine/ports/tools.js';
import { ToolError } from './tool-error.js';

/** `shell` with background: answers the process's number at once. Throws ToolError when it may not run. */
export async function startInBackground(
  request: { command: string; cwd: string; timeoutMs: number | null },
  context: ToolContext,
): Promise<ToolResult> {
  let process;
  try {
    process = await context.background.start(request);
  } catch (error) {
    if (error instanceof BackgroundError) throw new ToolError(`shell: ${error.message}`);
    throw error;
  }
  const number = String(process.number);
  const standing = process.ended ?? 'runs in the background';
  const output =
    `Process ${number} ${standing}. Wait for its end with wait {"process_id": ${number}}, read it with process {"process_id": ${number}, "action": "poll"}. ` +
    'It outlives this turn, but is ended when the goal stops (pause, clear, blocked, complete, a budget) or the daemon does, and what it leaves behind ends with it. ' +
    `Output: ${process.outputFile}`;
  return {
    output,
    success: true,
    command: { exitCode: null, output, durationMs: 0, processId: process.pid },
  };
}
