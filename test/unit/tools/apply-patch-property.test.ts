import fc from 'fast-check';
import { diffArrays } from 'diff';
import { describe, expect, it } from 'vitest';
import { applyHunks } from '@goald/server/agent/tools/patch-apply.js';
import { parsePatch } from '@goald/server/agent/tools/patch-parser.js';

const line = fc.constantFrom(
  '',
  '}',
  '  return 1;',
  'foo();',
  '\tbar',
  'x ',
  'ünï',
  '@@ no',
  '*** a',
);

interface Edited {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

// Numbered lines keep every place unique; the others make the context look like code.
const edit: fc.Arbitrary<Edited> = fc
  .array(fc.record({ text: line, drop: fc.boolean(), insert: fc.array(line, { maxLength: 2 }) }), {
    minLength: 1,
    maxLength: 30,
  })
  .map((rows) => ({
    before: rows.map(({ text }, i) => `${text}#${String(i)}`),
    after: rows.flatMap(({ text, drop, insert }, i) => [
      ...insert,
      ...(drop ? [] : [`${text}#${String(i)}`]),
    ]),
  }))
  .filter(({ before, after }) => before.join('\n') !== after.join('\n') && after.length > 0);

/** A patch as a careful model writes it: a hunk a change, one line of context around. */
function toPatch({ before, after }: Edited): string {
  const parts = diffArrays([...before], [...after]);
  const hunks: string[] = [];
  let hunk: string[] = [];
  const flush = (): void => {
    if (hunk.some((row) => !row.startsWith(' '))) hunks.push('@@', ...hunk);
    hunk = [];
  };
  for (const part of parts) {
    if (part.added || part.removed) {
      hunk.push(...part.value.map((row) => (part.added ? '+' : '-') + row));
      continue;
    }
    const rows = part.value.map((row) => ` ${row}`);
    if (hunk.length === 0) {
      hunk = rows.slice(-1);
    } else if (rows.length > 2) {
      hunk.push(...rows.slice(0, 1));
      flush();
      hunk = rows.slice(-1);
    } else {
      hunk.push(...rows);
    }
  }
  flush();
  return ['*** Begin Patch', '*** Update File: f', ...hunks, '*** End Patch'].join('\n');
}

describe('a random edit turned into a patch', () => {
  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
  ])('gives the edited text, with %s and with or without a final newline', (_name, eol) => {
    fc.assert(
      fc.property(edit, fc.boolean(), (edited, finalNewline) => {
        const text = (lines: readonly string[]): string =>
          lines.join(eol) + (finalNewline ? eol : '');
        const [operation] = parsePatch(toPatch(edited));
        if (operation?.kind !== 'update') throw new Error('no update');
        // One line without a line end says nothing about line ends.
        fc.pre(eol === '\n' || edited.before.length > 1);
        expect(applyHunks(text(edited.before), operation.hunks, 'f')).toBe(text(edited.after));
      }),
      { numRuns: 500 },
    );
  });

  it('never changes a text when its context was altered beyond white space', () => {
    fc.assert(
      fc.property(edit, (edited) => {
        const broken = {
          before: edited.before.map((row) => `${row}!`),
          after: edited.after.map((row) => `${row}!`),
        };
        const [operation] = parsePatch(toPatch(broken));
        if (operation?.kind !== 'update') throw new Error('no update');
        const inserts = operation.hunks.some((hunk) => hunk.lines.every((l) => l.kind === 'add'));
        fc.pre(!inserts);
        expect(() => applyHunks(edited.before.join('\n'), operation.hunks, 'f')).toThrow(/hunk 1/);
      }),
      { numRuns: 200 },
    );
  });
});
