import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SuggestedCheck } from '@goald/client';

const MOST_BYTES = 1_000_000;
const MOST_CHECKS = 4;
/** Scripts of a package.json that check something and end, the strongest first. */
const SCRIPTS = ['test', 'check', 'typecheck', 'type-check', 'lint'];
/** Lock file of a package manager, and how its scripts are run. */
const MANAGERS: readonly (readonly [string, string])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
];
/** Files that name a build tool by being there. */
const TOOLS: readonly (readonly [file: RegExp, tool: string, command: string])[] = [
  [/^Cargo\.toml$/u, 'cargo', 'cargo test'],
  [/^go\.mod$/u, 'go', 'go test ./...'],
  [/^mvnw$/u, 'maven', './mvnw test'],
  [/^pom\.xml$/u, 'maven', 'mvn test'],
  [/^gradlew$/u, 'gradle', './gradlew test'],
  [/^build\.gradle(?:\.kts)?$/u, 'gradle', 'gradle test'],
  [/\.(?:sln|csproj|fsproj)$/u, 'dotnet', 'dotnet test'],
  [/^mix\.exs$/u, 'mix', 'mix test'],
  [/^Package\.swift$/u, 'swift', 'swift test'],
  [/^deno\.jsonc?$/u, 'deno', 'deno test'],
  [/^phpunit\.xml(?:\.dist)?$/u, 'phpunit', 'vendor/bin/phpunit'],
  [/^\.rspec$/u, 'rspec', 'bundle exec rspec'],
];

/** Commands a folder offers for verification. Reads files and runs nothing; a folder that cannot be read offers none. */
export async function suggestChecks(folder: string): Promise<readonly SuggestedCheck[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const has = (name: string): boolean => names.includes(name);
  const read = (name: string): Promise<string> =>
    has(name) ? textOf(join(folder, name)) : Promise.resolve('');
  const found: SuggestedCheck[] = scriptsOf(await read('package.json'), names);
  const python = await pythonTests(names, read);
  if (python !== null) found.push({ command: 'pytest', from: python });
  const tools = new Set<string>();
  for (const [pattern, tool, command] of TOOLS) {
    const from = names.find((name) => pattern.test(name));
    if (from === undefined || tools.has(tool)) continue;
    tools.add(tool);
    found.push({ command, from });
  }
  const makefile = ['Makefile', 'makefile', 'GNUmakefile'].find(has);
  const target = /^(test|check):/mu.exec(makefile === undefined ? '' : await read(makefile))?.[1];
  if (makefile !== undefined && target !== undefined) {
    found.push({ command: `make ${target}`, from: makefile });
  }
  return found.slice(0, MOST_CHECKS);
}

function scriptsOf(text: string, names: readonly string[]): SuggestedCheck[] {
  const scripts = recordOf(recordOf(parsed(text))['scripts']);
  const manager = MANAGERS.find(([lock]) => names.includes(lock))?.[1] ?? 'npm';
  return SCRIPTS.filter((name) => isScript(scripts[name])).map((name) => ({
    command: name === 'test' && manager !== 'bun' ? `${manager} test` : `${manager} run ${name}`,
    from: 'package.json',
  }));
}

/** What `npm init` writes is no test. */
function isScript(script: unknown): boolean {
  return typeof script === 'string' && script !== '' && !script.includes('no test specified');
}

/** The file that says that pytest is used, or null. */
async function pythonTests(
  names: readonly string[],
  read: (name: string) => Promise<string>,
): Promise<string | null> {
  const own = names.find((name) => name === 'pytest.ini' || name === 'conftest.py');
  if (own !== undefined) return own;
  for (const name of [
    'pyproject.toml',
    'setup.cfg',
    'tox.ini',
    'requirements-dev.txt',
    'requirements.txt',
  ]) {
    if (/\bpytest\b/u.test(await read(name))) return name;
  }
  return null;
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    return size > MOST_BYTES ? '' : await readFile(path, 'utf8');
  } catch {
    return '';
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
