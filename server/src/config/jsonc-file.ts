import {
  findNodeAtLocation,
  parse,
  parseTree,
  printParseErrorCode,
  type ParseError,
} from 'jsonc-parser';
import type * as z from 'zod';

/** The configuration cannot be used; the message says where and why. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The one object that a file of JSON with comments holds; an empty file holds an empty one. Throws ConfigError. */
export function parseObject(text: string, path: string): object {
  const errors: ParseError[] = [];
  const value: unknown =
    text.trim() === '' ? {} : parse(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first !== undefined) {
    throw new ConfigError(
      `${path}, ${placeAt(text, first.offset)}: ${printParseErrorCode(first.error)}.`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(`${path} must hold one JSON object.`);
  }
  return value;
}

/** One line for each thing that a schema found wrong, with its place in the file. */
export function issueLines(text: string, issues: readonly z.core.$ZodIssue[]): string[] {
  return issues.map(
    (issue) =>
      `  ${issue.path.join('.') || '(file)'}${placeOf(text, issue.path)}: ${issue.message}`,
  );
}

function placeAt(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  return `line ${String(lines.length)}, column ${String((lines.at(-1) ?? '').length + 1)}`;
}

/** Where a value stands in the file; empty for one that the file does not have. */
function placeOf(text: string, path: readonly PropertyKey[]): string {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const keys = path.map((key) => (typeof key === 'symbol' ? '' : key));
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, keys);
  return node === undefined ? '' : ` (${placeAt(text, node.offset)})`;
}
