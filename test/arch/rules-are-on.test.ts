import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint, type Linter } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';
import ts from 'typescript';
import { CHECK_STEPS } from '../../.ci/check-steps.mjs';
import { ROOT } from './sources.js';

/** Files of each kind; none needs to exist. */
const KINDS = {
  server: 'server/src/goals/example.ts',
  protocol: 'protocol/src/example.ts',
  client: 'clients/core/src/example.ts',
  cli: 'clients/cli/src/example.ts',
  test: 'test/unit/example.test.ts',
  generator: 'protocol/generate/example.ts',
} as const;

const EVERYWHERE = [
  '@typescript-eslint/await-thenable',
  '@typescript-eslint/consistent-type-exports',
  '@typescript-eslint/consistent-type-imports',
  '@typescript-eslint/no-deprecated',
  '@typescript-eslint/no-explicit-any',
  '@typescript-eslint/no-floating-promises',
  '@typescript-eslint/no-misused-promises',
  '@typescript-eslint/no-non-null-assertion',
  '@typescript-eslint/no-unnecessary-condition',
  '@typescript-eslint/no-unsafe-argument',
  '@typescript-eslint/no-unsafe-assignment',
  '@typescript-eslint/no-unsafe-call',
  '@typescript-eslint/no-unsafe-member-access',
  '@typescript-eslint/no-unsafe-return',
  '@typescript-eslint/no-unused-vars',
  '@typescript-eslint/only-throw-error',
  '@typescript-eslint/prefer-nullish-coalescing',
  '@typescript-eslint/restrict-template-expressions',
  '@typescript-eslint/switch-exhaustiveness-check',
  '@typescript-eslint/unbound-method',
  'eqeqeq',
  'max-lines',
  'no-restricted-exports',
  'no-restricted-imports',
  'no-restricted-properties',
  'no-restricted-syntax',
];

describe('eslint', () => {
  const configs = new Map<string, Linter.Config>();

  beforeAll(async () => {
    const eslint = new ESLint({
      cwd: ROOT,
      overrideConfigFile: join(ROOT, '.config/eslint.config.js'),
    });
    for (const [kind, path] of Object.entries(KINDS)) {
      const config: unknown = await eslint.calculateConfigForFile(join(ROOT, path));
      configs.set(kind, config as Linter.Config);
    }
  });

  const severity = (kind: string, rule: string): unknown => {
    const entry = configs.get(kind)?.rules?.[rule];
    return Array.isArray(entry) ? entry[0] : entry;
  };
  const options = (kind: string, rule: string): unknown => {
    const entry = configs.get(kind)?.rules?.[rule];
    return Array.isArray(entry) ? entry.slice(1) : [];
  };

  it.each(Object.keys(KINDS))('%s: every key rule is an error', (kind) => {
    expect(EVERYWHERE.filter((rule) => severity(kind, rule) !== 2)).toEqual([]);
  });

  it.each(Object.keys(KINDS))('%s: comments cannot change the rules', (kind) => {
    expect(configs.get(kind)?.linterOptions).toMatchObject({
      noInlineConfig: true,
      reportUnusedDisableDirectives: 2,
    });
  });

  it.each(['server', 'protocol', 'client', 'cli'])('%s: nothing writes to the console', (kind) => {
    expect(severity(kind, 'no-console')).toBe(2);
  });

  it('a file has at most 400 lines', () => {
    expect(options('server', 'max-lines')).toMatchObject([{ max: 400 }]);
  });

  it('the server does not read process.env or call process.exit', () => {
    expect(options('server', 'no-restricted-properties')).toMatchObject([
      { object: 'process', property: 'exit' },
      { object: 'process', property: 'env' },
    ]);
  });

  it('the layers are known to the linter, too', () => {
    const text = JSON.stringify(options('server', 'no-restricted-imports'));
    for (const folder of ['agent', 'engine', 'rpc', 'transport', 'workspace']) {
      expect(text).toContain(`**/${folder}/**`);
    }
  });
});

describe('the compiler', () => {
  it.each([
    'protocol',
    'server',
    'clients/core',
    'clients/cli',
    'test',
    'protocol/generate',
    '.ci',
  ])('%s is compiled strictly', (project) => {
    const file = join(ROOT, project, 'tsconfig.json');
    const parsed = ts.getParsedCommandLineOfConfigFile(file, undefined, {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
      },
    });
    expect(parsed?.options).toMatchObject({
      strict: true,
      noUncheckedIndexedAccess: true,
      noImplicitOverride: true,
      noImplicitReturns: true,
      noFallthroughCasesInSwitch: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      allowUnreachableCode: false,
      verbatimModuleSyntax: true,
      isolatedModules: true,
    });
    const switchedOff = Object.entries(parsed?.options ?? {}).filter(
      ([name, value]) =>
        /^(strict|noImplicitAny|noImplicitThis|useUnknown|always)/.test(name) && value === false,
    );
    expect(switchedOff).toEqual([]);
  });
});

describe('npm run check, npm test and CI', () => {
  const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

  it('check runs every step', () => {
    const steps = [...CHECK_STEPS.first, ...CHECK_STEPS.then].map(
      ({ name, command }) =>
        `${name}: ${command.map((word) => word.replace(/^node_modules\//, '')).join(' ')}`,
    );
    expect(steps).toEqual([
      'types: packages: typescript/bin/tsc --build protocol server clients/core clients/cli',
      'eslint: eslint/bin/eslint.js --config .config/eslint.config.js --max-warnings 0 .',
      'types: tests: typescript/bin/tsc --noEmit --project test',
      'types: schema generator: typescript/bin/tsc --noEmit --project protocol/generate',
      'types: set-up and checks: typescript/bin/tsc --noEmit --project .ci',
      'knip: .ci/knip.mjs',
      'knip: production: .ci/knip.mjs --production --include files,dependencies,unlisted --workspace protocol --workspace server --workspace clients/core --workspace clients/cli',
      'prettier: prettier/bin/prettier.cjs --check --log-level warn .',
      'schemas are fresh: tsx/dist/cli.mjs protocol/generate/main.ts --check',
    ]);
    expect(read('.ci/check.mjs')).toMatch(
      /runAll\(CHECK_STEPS\.first\)[^]*runAll\(CHECK_STEPS\.then\)/,
    );
  });

  it('the scripts run set-up, then what they are named after', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(scripts).toMatchObject({
      test: 'node .ci/setup.mjs && npm run --silent test:suite --',
      'test:suite': 'vitest run --config test/vitest.config.ts',
      build: 'node .ci/setup.mjs --build',
      check: 'node .ci/setup.mjs && node .ci/check.mjs',
      schemas: 'node .ci/setup.mjs && tsx protocol/generate/main.ts',
    });
  });

  it("CI runs the README's test command and check, and counts both", () => {
    const run = read('.ci/run');
    expect(run).toContain('node .ci/test-command.mjs README.md');
    expect(run).toContain('bash -c "$test_command"');
    expect(run).toMatch(/^npm run check /m);
    expect(run.trimEnd().split('\n').at(-1)).toContain('node .ci/tally.mjs');
  });

  it('vitest fails without tests and takes every kind of test', () => {
    const config = read('test/vitest.config.ts');
    expect(config).toContain("include: ['{unit,integration,e2e,arch}/**/*.test.ts']");
    expect(config).toContain('allowOnly: false');
    for (const word of ['passWithNoTests', 'exclude', 'retry', 'bail', 'testNamePattern']) {
      expect(config).not.toContain(word);
    }
  });

  it('knip and prettier leave out only what is generated', () => {
    expect(read('.prettierignore').trim().split('\n')).toEqual([
      'node_modules/',
      'dist/',
      'package-lock.json',
      'schemas/',
      'test/fixtures/',
      'clients/cli/demo/',
      'docs/measurements/',
    ]);
    const knip = JSON.parse(read('.config/knip.json')) as Record<string, unknown>;
    const { $schema: _, workspaces, ...rest } = knip;
    expect(rest).toEqual({ ignoreExportsUsedInFile: { interface: true, type: true } });
    expect(JSON.stringify(workspaces)).not.toContain('"ignore');
  });
});
