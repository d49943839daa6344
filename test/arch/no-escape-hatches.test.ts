import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import ts from 'typescript';
import { at, CODE_FOLDERS, sourcesUnder, walk, type SourceFile } from './sources.js';

const files = sourcesUnder(...CODE_FOLDERS);

/** Config files whose tools want a default export. */
const MAY_EXPORT_DEFAULT = new Set(['vitest.config.ts']);

const DIRECTIVES =
  /eslint-disable|eslint-enable|@ts-(ignore|expect-error|nocheck)|prettier-ignore|(v8|c8|istanbul) ignore/;

/** Modifiers with which a test is not run, or is not meant to pass. */
const TEST_SWITCHES = new Set(['skip', 'skipIf', 'runIf', 'only', 'todo', 'fails']);
const TEST_FUNCTIONS = new Set(['it', 'test', 'describe', 'suite', 'bench']);

function findAll(describeNode: (node: ts.Node, file: SourceFile) => string | null): string[] {
  return files.flatMap((file) => {
    const found: string[] = [];
    walk(file, (node) => {
      const what = describeNode(node, file);
      if (what !== null) found.push(`${at(file, node.getStart())} ${what}`);
    });
    return found;
  });
}

/** Every comment of a file, once. */
function commentsOf(file: SourceFile): readonly ts.CommentRange[] {
  const byStart = new Map<number, ts.CommentRange>();
  const collect = (node: ts.Node): void => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(file.text, node.getEnd()) ?? []),
    ];
    for (const range of ranges) byStart.set(range.pos, range);
    for (const child of node.getChildren(file.ast)) collect(child);
  };
  collect(file.ast);
  return [...byStart.values()];
}

describe('the sources', () => {
  it('no comment switches a check off', () => {
    const found = files.flatMap((file) =>
      commentsOf(file)
        .map((range) => ({ range, comment: file.text.slice(range.pos, range.end) }))
        .filter(({ comment }) => DIRECTIVES.test(comment))
        .map(({ range, comment }) => `${at(file, range.pos)} ${comment}`),
    );
    expect(found).toEqual([]);
  });

  it('nothing has the type any', () => {
    expect(findAll((node) => (node.kind === ts.SyntaxKind.AnyKeyword ? 'any' : null))).toEqual([]);
  });

  it('nothing is cast through another type, and nothing is asserted to be there', () => {
    expect(
      findAll((node) => {
        if (ts.isNonNullExpression(node)) return 'x!';
        return ts.isAsExpression(node) && ts.isAsExpression(node.expression) ? 'as … as' : null;
      }),
    ).toEqual([]);
  });

  it('there is no enum and no namespace', () => {
    expect(
      findAll((node) => {
        if (ts.isEnumDeclaration(node)) return 'enum';
        return ts.isModuleDeclaration(node) && ts.isIdentifier(node.name) ? 'namespace' : null;
      }),
    ).toEqual([]);
  });

  it('there is no default export', () => {
    expect(
      findAll((node, file) => {
        if (MAY_EXPORT_DEFAULT.has(basename(file.path))) return null;
        if (ts.isExportAssignment(node)) return 'export default';
        if (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent)) {
          return 'export default';
        }
        return ts.isExportSpecifier(node) && node.name.text === 'default' ? 'as default' : null;
      }),
    ).toEqual([]);
  });

  it('no test is skipped, singled out, or allowed to fail', () => {
    expect(
      findAll((node) => {
        if (!ts.isPropertyAccessExpression(node) || !TEST_SWITCHES.has(node.name.text)) return null;
        let root: ts.Expression = node.expression;
        while (ts.isPropertyAccessExpression(root) || ts.isCallExpression(root))
          root = root.expression;
        return ts.isIdentifier(root) && TEST_FUNCTIONS.has(root.text) ? node.getText() : null;
      }),
    ).toEqual([]);
  });

  it('server and libraries do not end the process', () => {
    expect(
      findAll((node) =>
        ts.isPropertyAccessExpression(node) && node.getText() === 'process.exit'
          ? 'process.exit'
          : null,
      ),
    ).toEqual([]);
  });
});
