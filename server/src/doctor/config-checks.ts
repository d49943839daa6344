import type { Config } from '@goald/protocol';
import type { EnvironmentSettings } from '../config/environment.js';
import { loadConfig } from '../config/load-config.js';
import { fail, ok, warn, type Check } from './finding.js';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';
const TIMEOUT_MS = 10_000;

export interface ConfigChecksOptions {
  /** Absolute path of the file. */
  readonly path: string;
  readonly environment: EnvironmentSettings;
  /** Ask the endpoint of the model whether it answers. */
  readonly online: boolean;
}

export function configChecks(options: ConfigChecksOptions): readonly Check[] {
  return [
    { id: 'config', run: () => configFinding(options) },
    { id: 'model', run: () => modelFinding(options) },
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
