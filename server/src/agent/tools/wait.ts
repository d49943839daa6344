import * as z from 'zod';
import type { WaitRequest } from '../../engine/ports/background.js';
import type { OutputFiles } from './output-files.js';
import { resolvePatchPath } from './patch-paths.js';
import { numberOf, processNumber } from './process-number.js';
import { ToolError, errorMessage } from './tool-error.js';
import { defineTool, type Tool } from './tool.js';

const schema = z.strictObject({
  seconds: z.number().positive().optional(),
  until: z.string().optional().describe('ISO time with offset'),
  process_id: processNumber.optional().describe('its end'),
  path: z.string().min(1).optional().describe('its change, in the working folder'),
});
type WaitArguments = z.output<typeof schema>;

async function toRequest(args: WaitArguments, cwd: string): Promise<WaitRequest> {
  const { seconds, until, process_id: process, path } = args;
  return {
    ...(seconds !== undefined && { seconds }),
    ...(until !== undefined && { until }),
    ...(process !== undefined && { process: numberOf(process) }),
    ...(path !== undefined && { path: await inFolder(cwd, path) }),
  };
}

async function inFolder(cwd: string, path: string): Promise<WaitRequest['path']> {
  try {
    return await resolvePatchPath(cwd, path.replace(/(?<=.)\/+$/u, ''), false);
  } catch (error) {
    throw new ToolError(`wait: ${errorMessage(error)}`);
  }
}

/** `wait`: ends the turn until a time, the end of a process or the change of a path; seconds or until limit the others. */
export function waitTool(outputs: OutputFiles): Tool {
  return defineTool(
    {
      name: 'wait',
      description:
        'End the turn and wait, free of charge, for a time, a background process or a path; seconds or until also limit the others. Use it instead of sleep or polling. Repeated short waits are no progress: wait long, not often.',
      schema,
      readOnly: true,
      run: async (args, context) => {
        const request = await toRequest(args, context.cwd);
        const reply = context.background.wait(request, args);
        return {
          output: reply.text,
          success: reply.success,
          ...(reply.waits && { endsTurn: true }),
        };
      },
    },
    outputs,
  );
}
