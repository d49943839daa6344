import type { Tool } from '@modelcontextprotocol/client';
import type { ToolSpec } from '../../engine/ports/model.js';
import type {
  PreparedCall,
  ToolCall,
  ToolContext,
  ToolResult,
  ToolSet,
  ToolSource,
} from '../../engine/ports/tools.js';
import type { OutputFiles } from '../tools/output-files.js';
import { failedCall } from '../tools/tool.js';
import { errorMessage } from '../tools/tool-error.js';
import type { McpRegistry } from './mcp-registry.js';
import type { McpServer } from './mcp-server.js';
import { allStarted, offeredTools, problemsOf, type NamedTool } from './offered-tools.js';
import { keptResult, resultText } from './result-text.js';

const PREFIX = 'mcp__';
const MOST_DESCRIPTION = 4000;
const PROGRESS_EVERY_MS = 100;

/** The tools of goald, and after them those of the thread's MCP servers as they are when the turn begins. */
export class ToolsWithMcp implements ToolSource {
  readonly #own: ToolSet;
  readonly #servers: McpRegistry;
  readonly #outputs: OutputFiles;
  /** A list that did not change stays the same object, and so the same bytes. */
  readonly #specs = new WeakMap<Tool, ToolSpec>();

  constructor(options: { own: ToolSet; servers: McpRegistry; outputs: OutputFiles }) {
    this.#own = options.own;
    this.#servers = options.servers;
    this.#outputs = options.outputs;
  }

  async forTurn({ threadId, signal }: Parameters<ToolSource['forTurn']>[0]): Promise<ToolSet> {
    const servers = this.#servers.of(threadId);
    if (servers.length === 0) return this.#own;
    await allStarted(servers, signal);
    signal.throwIfAborted();
    const tools = offeredTools(servers);
    const byName = new Map(tools.map((named) => [named.name, named]));
    const specs = tools.map((named) => this.#spec(named));
    return {
      specs: (options) => [...this.#own.specs(options), ...specs],
      prepare: (call, options) => {
        const named = byName.get(call.name);
        if (named !== undefined) return this.#prepare(call, named);
        return call.name.startsWith(PREFIX)
          ? failedCall(call, unknown(call.name, [...byName.keys()], servers))
          : this.#own.prepare(call, options);
      },
    };
  }

  #spec({ name, tool }: NamedTool): ToolSpec {
    const known = this.#specs.get(tool);
    // Its name depends on the other tools.
    if (known?.name === name) return known;
    const spec = {
      name,
      description: (tool.description ?? tool.title ?? tool.name).slice(0, MOST_DESCRIPTION),
      parameters: parametersOf(tool.inputSchema),
    };
    this.#specs.set(tool, spec);
    return spec;
  }

  #prepare(call: ToolCall, { server, tool }: NamedTool): PreparedCall {
    const args = argumentsOf(call.arguments);
    if (typeof args === 'string') return failedCall(call, `${call.name}: ${args}`);
    const readOnlyHint = tool.annotations?.readOnlyHint ?? null;
    const approval = server.config.toolApproval[tool.name] ?? server.config.approval;
    const mayAsk = approval === 'prompt' || (approval === 'auto' && readOnlyHint !== true);
    const display = { server: server.name, tool: tool.name, arguments: args, readOnlyHint, mayAsk };
    return {
      call,
      display: { kind: 'mcp', ...display },
      // What a server says of its tools is no promise: files are looked at after each call.
      readOnly: false,
      barrier: false,
      run: (context) => this.#run(args, { server, tool }, context),
    };
  }

  async #run(
    args: Record<string, unknown>,
    { server, tool }: Pick<NamedTool, 'server' | 'tool'>,
    { threadId, itemId, signal, onProgress }: ToolContext,
  ): Promise<ToolResult> {
    signal.throwIfAborted();
    try {
      const result = await server.call(tool.name, args, { signal, onProgress: seldom(onProgress) });
      signal.throwIfAborted();
      const output = await this.#outputs.cut({ threadId, itemId }, resultText(result));
      return { output, success: result.isError !== true, mcp: keptResult(result, output) };
    } catch (error) {
      signal.throwIfAborted();
      const output = await this.#outputs.cut({ threadId, itemId }, errorMessage(error));
      return { output, success: false, mcp: null };
    }
  }
}

function unknown(name: string, known: readonly string[], servers: readonly McpServer[]): string {
  const problems = problemsOf(servers).map((problem) => `\nNot there: ${problem}`);
  return `There is no tool named "${name}" in this turn. Tools of MCP servers: ${known.join(', ') || 'none'}.${problems.join('')}`;
}

/** The arguments, or what is wrong with them. */
function argumentsOf(text: string): Record<string, unknown> | string {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `The arguments are not valid JSON (${errorMessage(error)}).`;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  return 'The arguments are not a JSON object.';
}

/** What providers take: an object with properties, without what names the dialect. */
function parametersOf(schema: Tool['inputSchema']): ToolSpec['parameters'] {
  const { $schema: _dialect, ...rest } = schema;
  return { ...rest, type: 'object', properties: rest.properties ?? {} };
}

/** A server that tells of each of a million steps must not keep every client busy. */
function seldom(onProgress: (message: string) => void): (message: string) => void {
  let lastMs = -Infinity;
  return (message) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < PROGRESS_EVERY_MS) return;
    lastMs = nowMs;
    onProgress(message.slice(0, 1000));
  };
}
