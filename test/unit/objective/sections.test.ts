import { readObjective } from '@goald/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const commands = (text: string): readonly string[] =>
  (readObjective(`## Verification\n${text}`).verification ?? []).map(({ command }) => command);
const first = (text: string) => readObjective(`## Verification\n${text}`).verification?.[0];
const constraints = (text: string) => readObjective(`## Constraints\n${text}`).constraints;

describe('the sections of an objective', () => {
  it('are read out of Markdown, and the rest is left', () => {
    const objective = [
      'The CSV import accepts quoted newlines.',
      '',
      '## Requirements',
      '- Quoted newlines are kept',
      '- [x] No new dependency',
      '',
      '## Verification',
      '- Unit tests: `npm test`',
      '',
      '## Constraints',
      '- deny: package-lock.json',
      '- Keep the style',
      '',
      '## Notes',
      '- not read',
    ].join('\r\n');
    expect(readObjective(objective)).toMatchObject({
      requirements: ['Quoted newlines are kept', 'No new dependency'],
      verification: [{ name: 'Unit tests', command: 'npm test', timeoutSeconds: 600 }],
      constraints: { paths: { allow: [], deny: ['package-lock.json'] }, notes: ['Keep the style'] },
      unreadable: [],
      rest: [
        { kind: 'paragraph', text: 'The CSV import accepts quoted newlines.' },
        { kind: 'heading', text: 'Notes' },
        { kind: 'item', text: 'not read' },
      ],
    });
  });

  it.each([
    '# Requirements',
    '###### requirements ##',
    'Requirements\n===',
    'Requirements:\n---',
    '**Requirements**',
    '**Requirements:**',
    '__Requirements__:',
    'Requirements:',
    'Requirements',
    '## 2. Requirements',
    '## Acceptance criteria',
    '## Definition of done',
  ])('begin with %j', (heading) => {
    expect(readObjective(`Do it.\n\n${heading}\n\n- one\n* two\n1. three\n`).requirements).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  it.each([
    'The requirements are met.',
    'Requirements engineering\n- one',
    '```\n## Requirements\n- one\n```',
    '<!--\n## Requirements\n- one\n-->',
  ])('do not begin with %j', (text) => {
    expect(readObjective(text).requirements).toBeNull();
  });

  it('end at a heading of their level, not at one below', () => {
    const text = '## Requirements\n- one\n### API\n- two\n## Other\n- three';
    expect(readObjective(text).requirements).toEqual(['one', 'two']);
  });

  it('that stand twice are one', () => {
    expect(readObjective('# Requirements\n- a\n# X\n# Requirements\n- b').requirements).toEqual([
      'a',
      'b',
    ]);
  });

  it('that hold nothing are empty, and that are missing are null', () => {
    expect(readObjective('## Requirements\n## Verification\n## Constraints\n')).toMatchObject({
      requirements: [],
      verification: [],
      constraints: { paths: { allow: [], deny: [] }, notes: [] },
    });
    expect(readObjective('Do it.')).toMatchObject({
      requirements: null,
      verification: null,
      constraints: null,
    });
  });

  it('never fail, whatever the text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '# Requirements\n',
        'Verification:\n',
        '**Constraints**\n',
        '```sh\n',
        '~~~',
        '- ',
        '  1. ',
        '- [ ] ',
        '`',
        'allow:',
        'deny: ',
        'npm test',
        '<!--',
        '-->',
        '===',
        '\n',
        '\t',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (parts) => {
        const said = readObjective(parts.join(''));
        for (const requirement of said.requirements ?? []) expect(requirement).not.toBe('');
        for (const { name, command, timeoutSeconds } of said.verification ?? []) {
          expect(command.trim()).not.toBe('');
          expect(name.length).toBeGreaterThan(0);
          expect(name.length).toBeLessThanOrEqual(200);
          expect(Number.isInteger(timeoutSeconds)).toBe(true);
        }
        const { allow, deny } = said.constraints?.paths ?? { allow: [], deny: [] };
        for (const path of [...allow, ...deny]) expect(path.trim()).not.toBe('');
      }),
      { numRuns: 1_000 },
    );
  });

  it('give lists back as they were written, whatever the bullets', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/u);
    const item = fc.array(word, { minLength: 2, maxLength: 5 }).map((words) => words.join(' '));
    const bullet = fc.constantFrom('-', '*', '+', '1.', '2)', '- [ ]', '- [x]');
    const heading = fc.constantFrom('# Requirements', '**Requirements**', 'Requirements:');
    fc.assert(
      fc.property(fc.array(item), bullet, heading, (items, mark, title) => {
        const list = items.map((text) => `${mark} ${text}`).join('\n');
        expect(readObjective(`Do it.\n\n${title}\n${list}\n`).requirements).toEqual(items);
      }),
    );
  });
});

describe('a requirement', () => {
  it('takes what is nested in it and what goes on below it', () => {
    const text =
      '## Requirements\nAll of these:\n- API:\n  - GET works\n  - POST works\n- long\n  text';
    expect(readObjective(text).requirements).toEqual(['API: GET works; POST works', 'long text']);
  });

  it('is a paragraph where there is no list', () => {
    expect(readObjective('## Requirements\nIt works\nwell.\n\nIt is small.').requirements).toEqual([
      'It works well.',
      'It is small.',
    ]);
  });
});

describe('a verification command', () => {
  it.each([
    ['- `npm test`', 'npm test'],
    ['- `npm test` passes', 'npm test'],
    ['1. Run `npm test`', 'npm test'],
    ['- [ ] `npm test` exits with code 0', 'npm test'],
    ['All tests pass with `npm test`.', 'npm test'],
    ['- npm test', 'npm test'],
    ['- `make`', 'make'],
    ['- make check', 'make check'],
    ['- go test ./...', 'go test ./...'],
    ['- npm run lint passes', 'npm run lint'],
    ['- ./scripts/check.sh', './scripts/check.sh'],
    ['- `CI=1 npm test`', 'CI=1 npm test'],
    ['- ``echo `date` > x && grep 1 x``', 'echo `date` > x && grep 1 x'],
    ['- Tests: npm test', 'npm test'],
    ['- `my-check --strict`', 'my-check --strict'],
  ])('stands in %j', (text, command) => {
    expect(commands(text)).toEqual([command]);
  });

  it.each([
    '- make sure the page looks right',
    '- go through the list',
    '- the page looks right',
    '- `a.txt` exists',
    '- the function `parse` returns null',
    '- test that it works',
    '- All tests pass.',
    '- node is not needed any more',
    '- npm test and npm run lint',
    '```js\nassert(true)\n```',
  ])('does not stand in %j', (text) => {
    expect(commands(text)).toEqual([]);
    expect(readObjective(`## Verification\n${text}`).unreadable).toHaveLength(1);
  });

  it('has a name before a colon, else its own words', () => {
    expect(first('- **Unit tests**: `npm test`')?.name).toBe('Unit tests');
    expect(first('- Unit tests — `npm test`')?.name).toBe('Unit tests');
    expect(first('- `npm test`')?.name).toBe('npm test');
    expect(first(`- \`npm test ${'x'.repeat(300)}\``)?.name).toHaveLength(200);
  });

  it.each([
    ['- `npm test` (timeout 120s)', 120],
    ['- `npm test` (timeout: 2 min)', 120],
    ['- `npm test`, timeout 1 hour', 3600],
    ['- npm test (timeout 90)', 90],
    ['- `npm test` within 10 minutes', 600],
    ['- `timeout 5 npm test`', 600],
  ])('in %j may take %i seconds', (text, seconds) => {
    expect(first(text)?.timeoutSeconds).toBe(seconds);
  });

  it('stands on each line of a code block of a shell, without prompts, comments and output', () => {
    expect(commands('```sh\n# all of it\nnpm test\n\nnpm run lint\n```')).toEqual([
      'npm test',
      'npm run lint',
    ]);
    expect(commands('```console\n$ npm test\nok 12\n$ npm run lint\n```')).toEqual([
      'npm test',
      'npm run lint',
    ]);
    expect(commands('```\nnpm run e2e \\\n  -- --slow\n```')).toEqual([
      'npm run e2e \\\n  -- --slow',
    ]);
  });

  it('is the whole block where its lines belong together, and fails where one of them does', () => {
    expect(commands('```sh\ncd packages/a\nnpm test\n```')).toEqual([
      'set -e\ncd packages/a\nnpm test',
    ]);
    expect(commands('```sh\nfor f in *.txt; do\n  test -s $f\ndone\n```')).toHaveLength(1);
  });

  it('takes its name from the line above its block', () => {
    expect(first('End to end:\n\n```\nnpm run e2e\n```')?.name).toBe('End to end');
  });

  it('that is named twice runs once', () => {
    expect(commands('- `npm test`\n- npm test')).toEqual(['npm test']);
  });
});

describe('constraints', () => {
  it.each([
    ['- allow: src/**, test/**'],
    ['- Allow: `src/**` and `test/**`'],
    ['allow: src/** test/**'],
    ['- **allow:** src/**, test/**'],
    ['- allow:\n  - src/**\n  - `test/**`'],
    ['- Paths:\n  - allow: src/**\n  - allow: test/**'],
    ['### Allow\n- src/**\n- test/**'],
    ['- allowed paths: src/**, test/** (nothing else)'],
  ])('%j allows two paths', (text) => {
    expect(constraints(text)).toEqual({
      paths: { allow: ['src/**', 'test/**'], deny: [] },
      notes: [],
    });
  });

  it('keep neighbouring lines apart, and everything else as notes', () => {
    expect(
      constraints('allow: src\ndeny: docs, test\n\n- No new dependency\n- Style:\n  - tabs'),
    ).toEqual({
      paths: { allow: ['src'], deny: ['docs', 'test'] },
      notes: ['No new dependency', 'Style: tabs'],
    });
    expect(constraints('- deny: none')?.paths.deny).toEqual([]);
    expect(constraints('- do not allow: anything')?.paths.allow).toEqual([]);
  });
});
