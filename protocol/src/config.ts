import * as z from 'zod';
import { mcpServersSchema } from './mcp-config.js';
import { approvalPolicySchema, SANDBOX_MODES } from './messages/common.js';
import { VERIFICATION_MAX_SECONDS } from './messages/goal.js';

export const WIRE_APIS = ['responses', 'chat'] as const;
export const wireApiSchema = z.enum(WIRE_APIS);
export type WireApi = z.infer<typeof wireApiSchema>;

const modelSchema = z
  .object({
    provider: z
      .enum(['openai', 'replay'])
      .default('openai')
      .describe('openai: any OpenAI-compatible server; replay: a recorded transcript, offline'),
    name: z.string().min(1).default('gpt-5.1-codex').describe('GOALD_MODEL overrides it'),
    baseUrl: z.url().optional().describe('OPENAI_BASE_URL overrides it'),
    wireApi: wireApiSchema.default('responses').describe('GOALD_WIRE_API overrides it'),
    contextWindow: z.number().int().min(2000).default(272_000).describe('Tokens'),
    maxOutputTokens: z.number().int().min(256).default(32_000),
    reasoningEffort: z.string().min(1).optional(),
    requestTimeoutSeconds: z.number().int().min(1).default(600).describe('A whole model request'),
    firstByteTimeoutSeconds: z
      .number()
      .int()
      .min(1)
      .default(300)
      .describe('Silence before the answer begins; raise it for a server that reads slowly'),
    streamIdleTimeoutSeconds: z
      .number()
      .int()
      .min(1)
      .default(300)
      .describe('Silence within an answer'),
    maxAnswerBytes: z
      .number()
      .int()
      .min(65_536)
      .default(1_048_576)
      .describe('Longer answers are cut: text, reasoning and calls together'),
    transcript: z.string().optional().describe('replay: absolute path of the transcript'),
  })
  .prefault({});

const limitsSchema = z
  .object({
    tokenCeiling: z.number().int().positive().default(2_000_000),
    timeBudgetSeconds: z.number().int().positive().max(43_200).default(14_400),
    maxTurns: z.number().int().positive().default(200),
    maxTokenBudget: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('Policy: no goal may have more'),
    verificationTimeoutSeconds: z
      .number()
      .int()
      .min(1)
      .max(VERIFICATION_MAX_SECONDS)
      .default(600)
      .describe('For a verification command that names no timeout'),
    maxVerificationTimeoutSeconds: z
      .number()
      .int()
      .min(1)
      .max(VERIFICATION_MAX_SECONDS)
      .default(VERIFICATION_MAX_SECONDS)
      .describe('Policy: no verification command may have more'),
    costBudgetUsd: z
      .number()
      .positive()
      .optional()
      .describe('For goals that name none; needs the price of the model'),
    maxCostBudgetUsd: z
      .number()
      .positive()
      .optional()
      .describe('Policy: no goal may have more, and each has one'),
  })
  .prefault({});

const verificationSchema = z
  .object({
    gateSeconds: z
      .number()
      .int()
      .min(1)
      .max(43_200)
      .default(7200)
      .describe('For all commands of one run together, retries among them'),
    logBytes: z
      .number()
      .int()
      .min(1024)
      .default(16 * 1024 * 1024)
      .describe('The log of one command is cut there'),
    maxRefusals: z
      .number()
      .int()
      .min(1)
      .default(5)
      .describe('Refused proposals of completion before the goal is blocked'),
  })
  .prefault({});

const usdPerMillion = z
  .number()
  .min(0)
  .max(1_000_000)
  .describe('USD for a million tokens; exact to a millionth of a dollar');

/** What a model's tokens cost at its provider. goald knows no prices of its own: they change, and a wrong one is worse than none. */
export const modelPriceSchema = z.object({
  input: usdPerMillion,
  cachedInput: usdPerMillion
    .optional()
    .describe('Input the provider took from its prompt cache. Default: as input'),
  output: usdPerMillion.describe('Output, reasoning among it'),
  fastMultiplier: z
    .number()
    .min(0.001)
    .max(1000)
    .optional()
    .describe('What the priority tier costs of this model. Default: fastMode.multiplier'),
});
export type ModelPrice = z.infer<typeof modelPriceSchema>;

const engineSchema = z
  .object({
    maxConcurrentTurns: z.number().int().min(1).max(64).default(4),
    noProgressDelaysMs: z
      .array(z.number().int().nonnegative())
      .min(1)
      .default([2000, 10_000])
      .describe('Delay before the next turn after 1, 2 … turns without progress'),
    noProgressTurns: z
      .number()
      .int()
      .min(1)
      .default(3)
      .describe('Turns without progress before blocked'),
    repeatNotice: z
      .number()
      .int()
      .min(2)
      .default(3)
      .describe('Same call, same output: times before a notice'),
    repeatStop: z.number().int().min(2).default(6).describe('… and before the turn ends'),
    compactAtShare: z
      .number()
      .min(0.1)
      .max(0.95)
      .default(0.8)
      .describe("Share of the model's context window at which the conversation is compacted"),
    maxCompactionsWithoutProgress: z.number().int().min(1).default(2),
    maxRequestsWithoutProgress: z.number().int().min(1).default(30),
    stopGraceMs: z.number().int().min(0).default(500).describe('Between SIGTERM and SIGKILL'),
    watchdogSeconds: z
      .number()
      .int()
      .min(1)
      .default(30)
      .describe('How often the daemon checks that every active goal moves'),
    retryBaseMs: z.number().int().min(1).default(1000),
    retryMaxMs: z.number().int().min(1).default(120_000),
    retryAfterMaxMs: z
      .number()
      .int()
      .min(1)
      .default(3_600_000)
      .describe('Longest wait that a Retry-After of the provider is given'),
    maxBrokenAnswers: z
      .number()
      .int()
      .min(1)
      .default(10)
      .describe('Answers in a row that broke off and were charged, before the turn ends'),
    autoResume: z
      .boolean()
      .default(true)
      .describe('Go on by itself when a usage limit ends at a time the provider told'),
    userTurnMaxRetries: z.number().int().min(0).default(5).describe('For turns without a goal'),
    toolOutputTokens: z.number().int().min(200).default(10_000),
    commandTimeoutSeconds: z.number().int().min(1).default(600),
    maxWaitSeconds: z
      .number()
      .int()
      .min(1)
      .max(604_800)
      .default(86_400)
      .describe('Longest wait the agent may ask for'),
    patientWaitSeconds: z
      .number()
      .int()
      .min(0)
      .default(300)
      .describe('A wait that lasted so long makes up for a turn without progress'),
    maxBackgroundProcesses: z.number().int().min(0).max(64).default(8).describe('For each goal'),
  })
  .prefault({});

const folderPath = z.string().regex(/^\//, { error: 'an absolute path' });

const sandboxSchema = z
  .object({
    mode: z
      .enum(['auto', ...SANDBOX_MODES])
      .default('auto')
      .describe(
        'For threads and goals that name none; auto: workspace-write where this machine can enforce it, else danger-full-access',
      ),
    network: z
      .boolean()
      .default(false)
      .describe('Whether commands in a sandbox may use the network where nobody said'),
    writableRoots: z
      .array(folderPath)
      .max(100)
      .default([])
      .describe('Folders that workspace-write may change beside the one of the thread'),
    writableGit: z
      .boolean()
      .default(false)
      .describe('Lets commands change .git and .goald: what stands there can run as you, later'),
    readable: z
      .array(folderPath)
      .max(200)
      .default([])
      .describe('What commands see of the home beside tools and their settings'),
    hidden: z
      .array(folderPath)
      .max(200)
      .default([])
      .describe('What commands do not see, beside the home, sockets and well-known secrets'),
    environment: z
      .array(z.string().min(1))
      .max(200)
      .default([])
      .describe('Variables that commands keep although their names look like secrets'),
    maxProcesses: z
      .number()
      .int()
      .min(16)
      .max(100_000)
      .default(1024)
      .describe('Of one command; more end it'),
  })
  .prefault({});

const commandWords = z
  .array(z.string().trim().min(1).max(1000))
  .max(1000)
  .default([])
  .describe('First words of commands, such as "npm test"');

const approvalsSchema = z
  .object({
    policy: approvalPolicySchema
      .default('never')
      .describe('Where thread, turn and goal say nothing. never: nothing is asked'),
    allow: commandWords.describe('Commands that run without being asked for, beside safe ones'),
    deny: commandWords.describe('Commands that never run, whatever the policy'),
    ask: commandWords.describe('on-request: commands that are asked for also in a sandbox'),
    graceSeconds: z
      .number()
      .min(0)
      .max(3600)
      .default(15)
      .describe('So long a turn waits for a client that asks a person to come back'),
  })
  .prefault({});

/** The configuration file. JSON with comments; every field is optional. */
export const configSchema = z.object({
  $schema: z.string().optional(),
  model: modelSchema,
  limits: limitsSchema,
  engine: engineSchema,
  approvals: approvalsSchema,
  pricing: z
    .record(z.string().min(1), modelPriceSchema)
    .default({})
    .describe('Price by model name; "*" is for every model that is not named'),
  fastMode: z
    .object({
      enabled: z
        .boolean()
        .default(false)
        .describe('Ask for the priority tier where thread and turn say nothing'),
      multiplier: z
        .number()
        .min(0.001)
        .max(1000)
        .default(2)
        .describe('What the priority tier costs, times the price'),
    })
    .prefault({}),
  verification: verificationSchema,
  sandbox: sandboxSchema,
  mcpServers: mcpServersSchema,
  restartPolicy: z.enum(['resume', 'pause']).default('resume'),
  features: z
    .object({ goals: z.boolean().default(true), goalTools: z.boolean().default(true) })
    .prefault({}),
  store: z
    .object({
      synchronous: z.enum(['NORMAL', 'FULL']).default('NORMAL'),
      eventRetentionDays: z
        .number()
        .int()
        .min(1)
        .default(90)
        .describe('Also for kept outputs, logs and snapshots of trees'),
      backupEveryHours: z
        .number()
        .nonnegative()
        .max(8760)
        .default(24)
        .describe('Age at which a backup is followed by the next, also at a stop; 0: none'),
      backupsKept: z.number().int().min(1).max(1000).default(7),
    })
    .prefault({}),
  transport: z
    .object({
      allowedOrigins: z.array(z.string()).default([]).describe('Web origins that may connect'),
      allowedHosts: z.array(z.string()).default([]).describe('Host names beside the loopback ones'),
    })
    .prefault({}),
  log: z.object({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
