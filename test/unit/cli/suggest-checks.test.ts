import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { suggestChecks } from '@goald/cli/goals/suggest-checks.js';
import { expect, it } from 'vitest';
import { tempFolder } from '../../helpers/temp-folder.js';

async function suggested(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using folder = await tempFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await writeFile(join(folder.path, name), text);
  }
  return (await suggestChecks(folder.path)).map(({ command, from }) => `${command} (${from})`);
}

const scripts = (table: Readonly<Record<string, string>>): string =>
  JSON.stringify({ scripts: table });

it.each([
  [
    { 'package.json': scripts({ test: 'vitest', lint: 'eslint .', start: 'node .' }) },
    ['npm test (package.json)', 'npm run lint (package.json)'],
  ],
  [
    { 'package.json': scripts({ test: 'vitest' }), 'pnpm-lock.yaml': '' },
    ['pnpm test (package.json)'],
  ],
  [{ 'package.json': scripts({ test: 'x' }), 'bun.lock': '' }, ['bun run test (package.json)']],
  [{ 'package.json': scripts({ test: 'echo "Error: no test specified" && exit 1' }) }, []],
  [{ 'package.json': '{ broken' }, []],
  [{ 'pyproject.toml': '[tool.pytest.ini_options]\n' }, ['pytest (pyproject.toml)']],
  [{ 'requirements.txt': 'requests\n' }, []],
  [{ 'Cargo.toml': '' }, ['cargo test (Cargo.toml)']],
  [{ 'go.mod': '' }, ['go test ./... (go.mod)']],
  [{ mvnw: '', 'pom.xml': '' }, ['./mvnw test (mvnw)']],
  [{ 'build.gradle.kts': '' }, ['gradle test (build.gradle.kts)']],
  [{ 'App.sln': '' }, ['dotnet test (App.sln)']],
  [{ Makefile: 'build:\n\tcc a.c\ntest: build\n\t./a.out\n' }, ['make test (Makefile)']],
  [{ Makefile: 'build:\n\tcc a.c\n' }, []],
  [{}, []],
])('%j offers %j', async (files: Readonly<Record<string, string>>, checks) => {
  expect(await suggested(files)).toEqual(checks);
});

it('a folder that is not there offers nothing', async () => {
  expect(await suggestChecks('/nowhere/at/all')).toEqual([]);
});
