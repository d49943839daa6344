/**
 * One thing `npm run check` looks at. `command` is run by Node from the root of the repository.
 * @typedef {{ name: string, command: readonly string[] }} CheckStep
 */

/**
 * Everything `npm run check` looks at. The first group runs alone, because the others read its output; the longest of the
 * others come first.
 * @type {{ first: readonly CheckStep[], then: readonly CheckStep[] }}
 */
export const CHECK_STEPS = {
  first: [
    {
      name: 'types: packages',
      command: [
        'node_modules/typescript/bin/tsc',
        '--build',
        'protocol',
        'server',
        'clients/core',
        'clients/cli',
      ],
    },
  ],
  then: [
    {
      name: 'eslint',
      command: [
        'node_modules/eslint/bin/eslint.js',
        '--config',
        '.config/eslint.config.js',
        '--max-warnings',
        '0',
        '.',
      ],
    },
    {
      name: 'types: tests',
      command: ['node_modules/typescript/bin/tsc', '--noEmit', '--project', 'test'],
    },
    {
      name: 'types: schema generator',
      command: ['node_modules/typescript/bin/tsc', '--noEmit', '--project', 'protocol/generate'],
    },
    {
      name: 'types: set-up and checks',
      command: ['node_modules/typescript/bin/tsc', '--noEmit', '--project', '.ci'],
    },
    { name: 'knip', command: ['.ci/knip.mjs'] },
    {
      name: 'knip: production',
      command: [
        '.ci/knip.mjs',
        '--production',
        '--include',
        'files,dependencies,unlisted',
        ...['protocol', 'server', 'clients/core', 'clients/cli'].flatMap((name) => [
          '--workspace',
          name,
        ]),
      ],
    },
    {
      name: 'prettier',
      command: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
    },
    {
      name: 'schemas are fresh',
      command: ['node_modules/tsx/dist/cli.mjs', 'protocol/generate/main.ts', '--check'],
    },
  ],
};
