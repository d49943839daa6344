import { readFile } from 'node:fs/promises';
import { configSchema, type Config } from '@goald/protocol';
import type { EnvironmentSettings } from './environment.js';
import { ConfigError, issueLines, parseObject } from './jsonc-file.js';

/** Reads the configuration file (JSON with comments; none is fine) and lays the environment over it. Throws ConfigError. */
export async function loadConfig(path: string, environment: EnvironmentSettings): Promise<Config> {
  return parseConfig(await readText(path), path, environment);
}

function parseConfig(text: string, path: string, environment: EnvironmentSettings): Config {
  const file = parseObject(text, path);
  const read = configSchema.safeParse({ ...file, model: overlaid(modelOf(file), environment) });
  if (read.success) return read.data;
  throw new ConfigError(
    [
      `The configuration (${path} and the environment) is not valid:`,
      ...issueLines(text, read.error.issues),
    ].join('\n'),
  );
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw new ConfigError(
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

function modelOf(file: object): unknown {
  return 'model' in file ? file.model : undefined;
}

/** GOALD_MODEL, OPENAI_BASE_URL and GOALD_WIRE_API win over the file. A replay in the file stays a replay. */
function overlaid(model: unknown, environment: EnvironmentSettings): unknown {
  if (model !== undefined && (typeof model !== 'object' || model === null)) return model;
  const { baseUrl, model: name, wireApi } = environment;
  return {
    ...model,
    ...(name === undefined ? {} : { name }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(wireApi === undefined ? {} : { wireApi }),
  };
}
