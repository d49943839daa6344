import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { Config, McpHttpServer, McpStdioServer } from '@goald/protocol';
import type { EnvironmentSettings } from '../config/environment.js';
import { loadConfig } from '../config/load-config.js';
import { fail, ok, warn, type Check } from './finding.js';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';
const TIMEOUT_MS = 10_000;

export interface ConfigChecksOptions {
  /** Absolute path of the file. */
  readonly path: string;
  readonly environment: EnvironmentSettings;
  /** Of the process that looks. */
  readonly env: NodeJS.ProcessEnv;
  /** Ask the endpoint of the model whether it answers. */
  readonly online: boolean;
}

export function configChecks(options: ConfigChecksOptions): readonly Check[] {
  return [
    { id: 'config', run: () => configFinding(options) },
    { id: 'model', run: () => modelFinding(options) },
    { id: 'mcp', run: () => mcpFinding(options) },
  ];
}

/** The configuration, or null when it is not valid. */
export async function readConfig(options: ConfigChecksOptions): Promise<Config | null> {
  return loadConfig(options.path, options.environment).catch(() => null);
}

async function configFinding(options: ConfigChecksOptions): Promise<ReturnType<typeof ok>> {
  try {
    await loadConfig(options.path, options.environment);
    return ok(`${options.path} is valid`);
  } catch (error) {
    return fail(
      error instanceof Error ? error.message : String(error),
      'Correct it; config.schema.json describes every field.',
    );
  }
}

async function modelFinding(options: ConfigChecksOptions): Promise<ReturnType<typeof ok>> {
  const config = await readConfig(options);
  if (config === null)
    return warn('not known: the configuration is not valid', 'Correct it first.');
  const { model } = config;
  if (model.provider === 'replay') return ok('a recorded transcript is replayed');
  const { apiKey } = options.environment;
  if (apiKey === undefined && model.baseUrl === undefined) {
    return warn(
      'no model is configured: goals stop at their first request',
      'Set OPENAI_API_KEY, or OPENAI_BASE_URL for a local server, and start goald again.',
    );
  }
  const url = new URL(model.baseUrl ?? DEFAULT_BASE_URL);
  const what = `${model.name} at ${url.origin}${url.pathname}, ${apiKey === undefined ? 'without a key' : 'with OPENAI_API_KEY'}`;
  if (!options.online) return ok(`${what} (ask it with --online)`);
  return reached(url, apiKey, what);
}

/** What can be known of the servers without starting them. */
async function mcpFinding(options: ConfigChecksOptions): Promise<ReturnType<typeof ok>> {
  const config = await readConfig(options);
  if (config === null)
    return warn('not known: the configuration is not valid', 'Correct it first.');
  const servers = Object.entries(config.mcpServers).filter(([, { enabled }]) => enabled);
  if (servers.length === 0) return ok('no servers are configured');
  const problems = servers.flatMap(([name, server]) => {
    const problem = 'url' in server ? noToken(server, options.env) : noProgram(server, options.env);
    return problem === null ? [] : [`${name}: ${problem}`];
  });
  const names = servers.map(([name]) => name).join(', ');
  return problems.length === 0
    ? ok(`${names} (goal mcp list starts them and shows their tools)`)
    : fail(problems.join('\n'), 'Correct mcpServers, or set "enabled": false there.');
}

function noToken({ bearerTokenEnvVar }: McpHttpServer, env: NodeJS.ProcessEnv): string | null {
  const isMissing = bearerTokenEnvVar !== undefined && (env[bearerTokenEnvVar] ?? '') === '';
  return isMissing ? `the variable ${bearerTokenEnvVar} is not set` : null;
}

function noProgram(
  { command, cwd, env: own }: McpStdioServer,
  env: NodeJS.ProcessEnv,
): string | null {
  const paths = command.includes('/')
    ? [resolve(cwd ?? homedir(), command)]
    : (own['PATH'] ?? env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, command));
  return paths.some(isExecutable) ? null : `there is no program ${command}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function reached(
  url: URL,
  apiKey: string | undefined,
  what: string,
): Promise<ReturnType<typeof ok>> {
  const asked = new URL(`${url.href.replace(/\/$/, '')}/models`);
  const basic = asked.username === '' ? null : `${asked.username}:${asked.password}`;
  asked.username = '';
  asked.password = '';
  const authorization =
    basic === null
      ? apiKey && `Bearer ${apiKey}`
      : `Basic ${Buffer.from(basic).toString('base64')}`;
  try {
    const answer = await fetch(asked, {
      headers: authorization === undefined ? {} : { authorization },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body?.cancel();
    if (answer.status === 401 || answer.status === 403) {
      return fail(`${what}: it refuses the key (${String(answer.status)})`, 'Set another key.');
    }
    return answer.status >= 500
      ? warn(`${what}: it answers ${String(answer.status)}`, 'Try again later: it has a problem.')
      : ok(`${what}: it answers`);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return fail(
      `${what}: it cannot be reached (${cause instanceof Error ? cause.message : String(cause)})`,
      'Look after the network, or correct model.baseUrl or OPENAI_BASE_URL.',
    );
  }
}
