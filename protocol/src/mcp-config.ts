import * as z from 'zod';

export const MCP_APPROVALS = ['auto', 'prompt', 'approve'] as const;
export const mcpApprovalSchema = z.enum(MCP_APPROVALS);
/** When a call is asked about, where a policy asks at all. */
export type McpApproval = z.infer<typeof mcpApprovalSchema>;

export const MCP_SERVER_NAME = /^[A-Za-z0-9_-]{1,32}$/;

const seconds = (fallback: number): z.ZodDefault<z.ZodNumber> =>
  z.number().min(0.1).max(3600).default(fallback);
const toolNames = z.array(z.string().min(1).max(200)).max(1000);
const texts = z.record(z.string().min(1).max(200), z.string().max(10_000));
const variableName = z.string().regex(/^\w{1,200}$/, { error: 'the name of a variable' });

const shared = {
  enabled: z.boolean().default(true),
  startupTimeoutSeconds: seconds(20).describe('From its start to its list of tools'),
  toolTimeoutSeconds: seconds(120).describe('One call'),
  enabledTools: toolNames.optional().describe('Only these of its tools are offered'),
  disabledTools: toolNames.default([]).describe('These of its tools are not offered'),
  approval: mcpApprovalSchema
    .default('auto')
    .describe(
      'Where a policy asks: auto asks unless the server calls the tool read-only; prompt always asks; approve never does',
    ),
  toolApproval: z
    .record(z.string().min(1).max(200), mcpApprovalSchema)
    .default({})
    .describe('The same for single tools'),
};

/** A program of the user's, spoken to over its standard input and output. */
export const mcpStdioServerSchema = z.strictObject({
  command: z.string().min(1).max(4096).describe('A program in PATH, or its absolute path'),
  args: z.array(z.string().max(10_000)).max(1000).default([]),
  env: texts
    .default({})
    .describe('Beside the daemon’s own environment without provider keys and GOALD_ variables'),
  cwd: z
    .string()
    .regex(/^\//, { error: 'an absolute path' })
    .optional()
    .describe('Default: the user’s home'),
  ...shared,
});
export type McpStdioServer = z.output<typeof mcpStdioServerSchema>;

/** A server over streamable HTTP. */
export const mcpHttpServerSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'a URL of http or https' }),
  headers: texts.default({}).describe('Sent with each request'),
  bearerTokenEnvVar: variableName
    .optional()
    .describe('Variable of the daemon’s environment that holds the token'),
  ...shared,
});
export type McpHttpServer = z.output<typeof mcpHttpServerSchema>;

const FIELDS =
  'either command (with args, env, cwd) or url (with headers, bearerTokenEnvVar); beside it enabled, startupTimeoutSeconds, toolTimeoutSeconds, enabledTools, disabledTools, approval, toolApproval';

/** One server of `mcpServers`. */
export const mcpServerConfigSchema = z.union([mcpStdioServerSchema, mcpHttpServerSchema], {
  error: (issue) => problemOf(issue.input, issue.errors),
});
export type McpServerConfig = z.output<typeof mcpServerConfigSchema>;

export const mcpServersSchema = z
  .record(z.string().regex(MCP_SERVER_NAME), mcpServerConfigSchema, {
    error: (issue) =>
      issue.code === 'invalid_key'
        ? 'the name of a server has letters, digits, _ and -, at most 32'
        : undefined,
  })
  .default({})
  .describe('Servers of the Model Context Protocol, by name: their tools are offered to the agent');

/** What is wrong with it as the kind of server it is meant to be. */
function problemOf(input: unknown, errors: readonly (readonly z.core.$ZodIssue[])[]): string {
  const isObject = typeof input === 'object' && input !== null;
  if (!isObject || 'command' in input === 'url' in input) return FIELDS;
  const issues = errors['command' in input ? 0 : 1] ?? [];
  return issues.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim()).join('; ');
}
