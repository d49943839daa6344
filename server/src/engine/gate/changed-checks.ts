import picomatch from 'picomatch';
import type { FileTexts } from '../ports/workspace.js';

/** Tests, wherever they stand. */
const TESTS = [
  '**/{test,tests,__tests__,__mocks__,__snapshots__,spec,specs,e2e,testdata,fixtures}/**',
  '**/*.{test,spec,tests,bench,cy,e2e}.*',
  '**/*_{test,spec,tests}.*',
  '**/test_*.py',
  '**/{conftest,test,tests}.*',
  '**/*{Test,Tests,Spec,IT}.{java,kt,kts,scala,groovy,cs,swift,php}',
];

/** What runs tests, builds and checks, or says how. */
const SETTINGS = [
  '**/{vitest,jest,vite,playwright,cypress,karma,ava,mocha,web-test-runner,wdio,babel,nyc,c8}.config*.*',
  '**/vitest.{workspace,setup}.*',
  '**/jest.setup.*',
  '**/.{mocharc,nycrc,c8rc,eslintrc,prettierrc,babelrc,swcrc,jshintrc,coveragerc,flake8,pylintrc,rubocop.yml,golangci.yml}*',
  '**/{eslint,prettier,stylelint,biome,knip}.config.*',
  '**/{biome,turbo,nx,deno,tsconfig,jsconfig}*.json{,c}',
  '**/{pytest.ini,tox.ini,setup.cfg,pyproject.toml,noxfile.py,mypy.ini,ruff.toml,.ruff.toml}',
  '**/{Makefile,makefile,GNUmakefile,CMakeLists.txt,justfile,Justfile,Rakefile,Dockerfile}',
  '**/{Taskfile.yml,Taskfile.yaml,phpunit.xml,phpunit.xml.dist,.rspec,gradlew,mvnw}',
  '**/*.mk',
  '**/{build.gradle,build.gradle.kts,settings.gradle,settings.gradle.kts,pom.xml,build.sbt}',
  '**/{go.mod,.cargo/config.toml,clippy.toml,rustfmt.toml,rust-toolchain,rust-toolchain.toml}',
  '.github/{workflows,actions}/**',
  '.circleci/**',
  '.ci/**',
  '.husky/**',
  '{.gitlab-ci.yml,.travis.yml,Jenkinsfile,azure-pipelines.yml,bitbucket-pipelines.yml,.pre-commit-config.yaml}',
];

/** Keys of package.json by which commands run; a new dependency alone changes no check. */
const PACKAGE_KEYS = [
  'scripts',
  'vitest',
  'jest',
  'mocha',
  'ava',
  'tap',
  'nyc',
  'c8',
  'eslintConfig',
  'workspaces',
  'type',
];
const PACKAGE = /(?:^|\/)package\.json$/;

const isCheck = picomatch([...TESTS, ...SETTINGS], { dot: true });

/** Files that a command names: `node scripts/check.mjs` relies on scripts/check.mjs. */
function namedBy(command: string): readonly string[] {
  return command
    .split(/[\s;|&<>()"'`=]+/)
    .map((word) => word.replace(/^\.\//, ''))
    .filter((word) => word !== '' && !word.startsWith('-'));
}

function partsOf(text: string | null): string | null {
  if (text === null) return null;
  try {
    const parsed = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    return JSON.stringify(PACKAGE_KEYS.map((key) => parsed?.[key] ?? null));
  } catch {
    return text;
  }
}

/** Of what a goal changed, what its verification relies on: tests, scripts, settings of tools, CI. `texts` reads one file. */
export async function changedChecks(
  changed: readonly string[],
  commands: readonly string[],
  texts: (path: string) => Promise<FileTexts>,
): Promise<string[]> {
  const named = new Set(commands.flatMap(namedBy));
  const found: string[] = [];
  for (const path of changed) {
    if (PACKAGE.test(path)) {
      const { before, after } = await texts(path);
      if (partsOf(before) !== partsOf(after)) found.push(path);
    } else if (named.has(path) || isCheck(path)) {
      found.push(path);
    }
  }
  return found;
}
