import * as z from 'zod';
import { mcpApprovalSchema } from '../mcp-config.js';

const text = z.string().max(10_000);
const texts = z.record(z.string().min(1).max(200), text);
const toolNames = z.array(z.string().min(1).max(200)).max(1000);
const seconds = z.number().min(0.1).max(3600);

/** An MCP server for one thread, in the words of the reference's configuration: a program, or an address. */
export const threadMcpServerSchema = z.object({
  command: z.string().min(1).max(4096).nullish().describe('A program in PATH, or its path'),
  args: z.array(text).max(1000).nullish(),
  env: texts.nullish(),
  cwd: z.string().min(1).nullish().describe('Absolute path; default: the folder of the thread'),
  url: z.string().max(10_000).nullish().describe('Streamable HTTP'),
  http_headers: texts.nullish(),
  bearer_token_env_var: z.string().max(200).nullish(),
  enabled: z.boolean().nullish(),
  startup_timeout_sec: seconds.nullish(),
  tool_timeout_sec: seconds.nullish(),
  enabled_tools: toolNames.nullish(),
  disabled_tools: toolNames.nullish(),
  default_tools_approval_mode: mcpApprovalSchema.nullish(),
  tools: z
    .record(z.string().min(1).max(200), z.object({ approval_mode: mcpApprovalSchema.nullish() }))
    .nullish(),
  bearer_token: z
    .null({ error: 'name the variable that holds the token in bearer_token_env_var' })
    .optional(),
  env_http_headers: z.null({ error: 'send the headers in http_headers' }).optional(),
});
export type ThreadMcpServer = z.output<typeof threadMcpServerSchema>;

export const threadMcpServersSchema = z.record(z.string(), threadMcpServerSchema);

/** What a client overrides for one thread. Keys may be dotted paths, such as `mcp_servers.memory`. */
export const threadConfigSchema = z
  .looseObject({ mcp_servers: threadMcpServersSchema.nullish() })
  .describe(
    'Of the reference’s configuration, for this thread: mcp_servers, by name, also as dotted keys (mcp_servers.NAME). They stand beside those of the daemon and before one of the same name; given, they replace what the thread had ({}: none). Other keys are ignored',
  );
export type ThreadConfig = z.output<typeof threadConfigSchema>;
