import { execFile } from 'node:child_process';
import { access, cp, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../bench/support/folders.js';
import { ROOT } from '../bench/support/programs.js';
import { clonePackage, git } from '../helpers/git-repository.js';
import { countTap, countVitest, type Counts } from './counts.js';

/** A test-suite that is run in the sandbox. */
export interface Suite {
  readonly name: string;
  /** Makes its repository in a folder, with all that it needs to run without a network. */
  prepare(folder: string): Promise<PreparedSuite>;
}

export interface PreparedSuite {
  readonly repository: string;
  /** What exactly is tested: a version or a commit. */
  readonly version: string;
  /** For the shell; writes its results to /var/tmp, which is kept. */
  readonly command: string;
  /** Folders it reads beside its own. */
  readonly readable: readonly string[];
  /** From the folder that /var/tmp is outside. */
  count(temporary: string): Promise<Counts>;
}

const run = promisify(execFile);
const PACKAGES = ['.', 'protocol', 'server', 'clients/core', 'clients/cli', 'test'] as const;

/** qs with what its tests ask for; its package brings the tests themselves. */
const QS = { name: 'qs', version: '6.17.1' } as const;
const QS_NEEDS = [
  ...['tape@5.10.2', 'es-value-fixtures@1.7.1', 'for-each@0.3.5', 'has-bigints@1.1.0'],
  ...['has-override-mistake@1.0.1', 'has-property-descriptors@1.0.2', 'has-proto@1.2.0'],
  ...['has-symbols@1.1.0', 'iconv-lite@0.5.2', 'mock-property@1.1.2', 'object-inspect@1.13.4'],
  ...['qs-iconv@1.0.4', 'safer-buffer@2.1.2'],
];

/** Every suite, the quick ones first. `part`: of goald's own only the tests below that path. */
export function allSuites(part: string | null): readonly Suite[] {
  return [
    { name: 'minimist', prepare: prepareMinimist },
    { name: 'qs', prepare: prepareQs },
    { name: 'goald', prepare: (folder) => prepareGoald(folder, part) },
  ];
}

async function prepareMinimist(folder: string): Promise<PreparedSuite> {
  const require = createRequire(import.meta.url);
  const modules = dirname(dirname(require.resolve('tape/package.json')));
  const { version } = require('minimist/package.json') as { version: string };
  const source = dirname(require.resolve('minimist/package.json'));
  const repository = await clonePackage('minimist', source, folder);
  return tapeSuite({ repository, version, modules });
}

async function prepareQs(folder: string): Promise<PreparedSuite> {
  const home = join(cacheFolder(), `qs-${QS.version}`);
  const modules = join(home, 'node_modules');
  const isThere = await access(join(modules, QS.name)).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'package.json'), '{ "private": true }\n');
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run('npm', ['install', ...flags, `${QS.name}@${QS.version}`, ...QS_NEEDS], { cwd: home });
  }
  const repository = await clonePackage(QS.name, join(modules, QS.name), folder);
  return tapeSuite({ repository, version: QS.version, modules });
}

function tapeSuite(of: { repository: string; version: string; modules: string }): PreparedSuite {
  const { repository, version, modules } = of;
  const tape = join(modules, 'tape', 'bin', 'tape');
  return {
    ...{ repository, version, readable: [modules] },
    command: `set -o pipefail; NODE_PATH='${modules}' node '${tape}' 'test/**/*.js' | tee /var/tmp/suite.tap`,
    count: (temporary) => countTap(join(temporary, 'suite.tap')),
  };
}

/** A fresh clone of what is committed, set up as a contributor would; packages are copied, not fetched again. */
async function prepareGoald(folder: string, part: string | null): Promise<PreparedSuite> {
  const repository = join(folder, 'goald');
  await git(folder, 'clone', '--quiet', ROOT, repository);
  for (const name of PACKAGES) {
    const from = join(ROOT, name, 'node_modules');
    const into = join(repository, name, 'node_modules');
    await cp(from, into, { recursive: true, verbatimSymlinks: true }).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
  }
  await run(process.execPath, ['.ci/setup.mjs'], { cwd: repository });
  const version = (await git(repository, 'rev-parse', '--short=12', 'HEAD')).trim();
  const tests = part === null ? '' : ` -- '${part}'`;
  return {
    ...{ repository, version, readable: [] },
    command: `GOALD_TEST_REPORT=/var/tmp/suite.json npm run --silent test:suite${tests}`,
    count: (temporary) => countVitest(join(temporary, 'suite.json')),
  };
}
