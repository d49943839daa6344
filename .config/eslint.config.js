import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const RESTRICTED_PATHS = [
  {
    name: 'node:process',
    importNames: ['exit'],
    message: 'Set process.exitCode and let things close.',
  },
];

const CONFIG_FILES = ['.config/*.js', 'test/vitest.config.ts'];

/** Says which folders of the server a layer may not import. test/arch checks the same by reading the sources. */
function layer(name, forbidden, reason) {
  return {
    files: [`server/src/${name}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: RESTRICTED_PATHS,
          patterns: [{ group: forbidden.map((folder) => `**/${folder}/**`), message: reason }],
        },
      ],
    },
  };
}

const ALL = [
  'agent',
  'config',
  'engine',
  'events',
  'goals',
  'host',
  'rpc',
  'store',
  'threads',
  'transport',
  'workspace',
];
const except = (...allowed) => ALL.filter((folder) => !allowed.includes(folder));

export default defineConfig(
  globalIgnores([
    '**/dist/',
    '**/node_modules/',
    '**/coverage/',
    'schemas/',
    'test/fixtures/',
    'clients/cli/demo/',
  ]),
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: CONFIG_FILES.filter((file) => file.endsWith('.js')),
        },
        tsconfigRootDir: `${import.meta.dirname}/..`,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all' },
      ],
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
      // Spreading a string gives its code points, which is what is meant.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // A port's method is async for those who need it; the others should not have to write Promise.resolve.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 400 }],
      'no-restricted-exports': [
        'error',
        {
          restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true },
        },
      ],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'exit',
          message: 'Set process.exitCode and let things close.',
        },
      ],
      'no-restricted-imports': ['error', { paths: RESTRICTED_PATHS }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a list `as const` and a union.' },
        {
          selector:
            "ImportDeclaration[source.value='zod'] > :not(ImportNamespaceSpecifier, Literal)",
          message: "Write `import * as z from 'zod'`.",
        },
        {
          selector: 'TSAsExpression > TSAsExpression',
          message: 'Do not cast through another type.',
        },
      ],
    },
  },
  {
    files: ['{server,protocol,clients/*}/src/**/*.{ts,cts}'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['server/src/**/*.{ts,cts}'],
    ignores: ['server/src/goald.cts', 'server/src/config/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'exit',
          message: 'Set process.exitCode and let things close.',
        },
        { object: 'process', property: 'env', message: 'Only config/ reads the environment.' },
      ],
    },
  },
  layer('store', except('store'), 'store imports nothing of ours but the protocol.'),
  layer('events', except('store', 'events'), 'events imports only store.'),
  layer('goals', except('goals', 'events', 'store'), 'goals imports only events and store.'),
  layer(
    'threads',
    except('threads', 'goals', 'events', 'store'),
    'threads imports only goals, events and store.',
  ),
  layer(
    'engine',
    except('engine', 'goals', 'threads', 'events', 'store'),
    'engine imports only goals, threads, events and store.',
  ),
  layer(
    'rpc',
    except('rpc', 'goals', 'threads', 'engine', 'events', 'store'),
    'rpc imports only the layers below it.',
  ),
  layer('transport', except('transport', 'rpc'), 'transport imports only rpc.'),
  layer('config', except('config'), 'config imports nothing of ours but the protocol.'),
  layer('host', except('host'), 'host imports nothing of ours but the protocol.'),
  layer(
    'agent',
    except('agent', 'engine'),
    'agent implements ports of engine and imports nothing else.',
  ),
  layer(
    'workspace',
    except('workspace', 'engine'),
    'workspace implements ports of engine and imports nothing else.',
  ),
  { files: CONFIG_FILES, rules: { 'no-restricted-exports': 'off' } },
  {
    // Plain JavaScript, its types checked by tsc (checkJs): what the lint rules ask of annotations cannot be written there.
    files: ['**/*.mjs', '.config/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: 'readonly',
        Buffer: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
      },
    },
  },
  prettier,
);
