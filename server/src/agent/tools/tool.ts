import type { FileUpdateChange } from '@goald/protocol';
import type * as z from 'zod';
import type { ToolSpec } from '../../engine/ports/model.js';
import type {
  PreparedCall,
  ToolCall,
  ToolContext,
  ToolDisplay,
  ToolResult,
} from '../../engine/ports/tools.js';
import type { OutputFiles } from './output-files.js';
import { argumentsJsonSchema, looseArguments, parseArguments } from './tool-arguments.js';
import { ToolError, errorMessage } from './tool-error.js';

/** A tool ready to be offered and called. */
export interface Tool {
  readonly name: string;
  /** Always the same object. */
  readonly spec: ToolSpec;
  prepare(call: ToolCall, cwd: string): PreparedCall;
}

export interface ToolDefinition<T> {
  readonly name: string;
  readonly description: string;
  readonly schema: z.ZodType<T>;
  readonly readOnly: boolean;
  /** How the call shows; by default as a plain call. Must not throw. */
  readonly display?: (args: T, cwd: string) => ToolDisplay;
  readonly barrier?: (args: T) => boolean;
  /** What it would change now. May reject: then nothing is shown before it ran. */
  readonly preview?: (args: T, cwd: string) => Promise<readonly FileUpdateChange[] | null>;
  /** A ToolError becomes an error output in its own words. */
  readonly run: (args: T, context: ToolContext) => Promise<ToolResult> | ToolResult;
}

const plainDisplay = (call: ToolCall): ToolDisplay => ({
  kind: 'call',
  tool: call.name,
  arguments: looseArguments(call.arguments),
});

/** A call that only says what is wrong with it. */
export function failedCall(call: ToolCall, output: string): PreparedCall {
  return {
    call,
    display: plainDisplay(call),
    readOnly: true,
    barrier: false,
    run: () => Promise.resolve({ output, success: false }),
  };
}

async function runGuarded(
  name: string,
  run: () => Promise<ToolResult> | ToolResult,
  context: ToolContext,
  outputs: OutputFiles,
): Promise<ToolResult> {
  context.signal.throwIfAborted();
  let result: ToolResult;
  try {
    result = await run();
  } catch (error) {
    context.signal.throwIfAborted();
    const output =
      error instanceof ToolError ? error.message : `${name} failed: ${errorMessage(error)}`;
    result = { output, success: false };
  }
  try {
    return { ...result, output: await outputs.cut(context, result.output) };
  } catch (error) {
    const problem = `The output is too long to show and could not be kept: ${errorMessage(error)}`;
    return { ...result, output: problem };
  }
}

/** Makes a tool of its definition: reads the arguments, guards the run, cuts the output. */
export function defineTool<T>(definition: ToolDefinition<T>, outputs: OutputFiles): Tool {
  const { name, description, schema } = definition;
  let spec: ToolSpec | undefined;
  return {
    name,
    // Made for the first request, not for the start: the JSON schemas of all tools take milliseconds.
    get spec() {
      return (spec ??= { name, description, parameters: argumentsJsonSchema(schema) });
    },
    prepare(call, cwd) {
      const args = parseArguments(schema, call.arguments);
      if (!args.ok) return failedCall(call, `${name}: ${args.problem}`);
      const { preview } = definition;
      return {
        ...(preview === undefined
          ? {}
          : { preview: () => preview(args.value, cwd).catch(() => null) }),
        call,
        display: definition.display?.(args.value, cwd) ?? plainDisplay(call),
        readOnly: definition.readOnly,
        barrier: definition.barrier?.(args.value) ?? false,
        run: (context) =>
          runGuarded(name, () => definition.run(args.value, context), context, outputs),
      };
    },
  };
}
