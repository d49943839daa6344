import { readFile } from 'node:fs/promises';
import { configSchema, type Config } from '@goald/protocol';
import {
  findNodeAtLocation,
  parse,
  parseTree,
  printParseErrorCode,
  type ParseError,
} from 'jsonc-parser';
import type { EnvironmentSettings } from './environment.js';

/** The configuration cannot be used; the message says where and why. */
class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the configuration file (JSON with comments; none is fine) and lays the environment over it. Throws ConfigError. */
export async function loadConfig(path: string, environment: EnvironmentSettings): Promise<Config> {
  return parseConfig(await readText(path), path, environment);
}

function parseConfig(text: string, path: string, environment: EnvironmentSettings): Config {
  const errors: ParseError[] = [];
  const file: unknown = text.trim() === '' ? {} : parse(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first !== undefined) {
    throw new ConfigError(
      `${path}, ${placeAt(text, first.offset)}: ${printParseErrorCode(first.error)}.`,
    );
  }
  if (typeof file !== 'object' || file === null || Array.isArray(file)) {
    throw new ConfigError(`${path} must hold one JSON object.`);
  }
  const read = configSchema.safeParse({ ...file, model: overlaid(modelOf(file), environment) });
  if (read.success) return read.data;
  const problems = read.error.issues.map(
    (issue) =>
      `  ${issue.path.join('.') || '(file)'}${placeOf(text, issue.path)}: ${issue.message}`,
  );
  throw new ConfigError(
    [`The configuration (${path} and the environment) is not valid:`, ...problems].join('\n'),
  );
}

function placeAt(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  return `line ${String(lines.length)}, column ${String((lines.at(-1) ?? '').length + 1)}`;
}

/** Where a value stands in the file; empty for one that the file does not have. */
function placeOf(text: string, path: readonly PropertyKey[]): string {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const keys = path.map((key) => (typeof key === 'symbol' ? '' : key));
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, keys);
  return node === undefined ? '' : ` (${placeAt(text, node.offset)})`;
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
