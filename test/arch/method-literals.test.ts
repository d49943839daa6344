import { notifications, requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import ts from 'typescript';
import { at, sourcesUnder, walk } from './sources.js';

const methods = new Set(
  [...Object.values(requests), ...Object.values(notifications)]
    .map(({ method }): string => method)
    // 'initialize', 'initialized' and 'error' are words that code says for other reasons.
    .filter((method) => method.includes('/')),
);

it('knows the methods', () => {
  expect(methods.size).toBeGreaterThan(40);
});

it('a method is written only where the protocol declares it', () => {
  const found: string[] = [];
  for (const file of sourcesUnder('protocol', 'server', 'clients')) {
    if (file.path.startsWith('protocol/src/messages/')) continue;
    walk(file, (node) => {
      if (ts.isStringLiteralLike(node) && methods.has(node.text)) {
        found.push(`${at(file, node.getStart())} says '${node.text}'`);
      }
    });
  }
  expect(found).toEqual([]);
});
