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

it('the daemon asks no message for what its bundle leaves out', () => {
  const LEFT_OUT = new Map([
    ['requests', 'result'],
    ['serverRequests', 'params'],
    ['notifications', 'params'],
  ]);
  const found: string[] = [];
  let messages = 0;
  for (const file of sourcesUnder('server')) {
    walk(file, (node) => {
      if (!ts.isPropertyAccessExpression(node)) return;
      const message = node.expression;
      if (!ts.isPropertyAccessExpression(message) || !ts.isIdentifier(message.expression)) return;
      const leftOut = LEFT_OUT.get(message.expression.text);
      if (leftOut !== undefined) messages += 1;
      if (leftOut === node.name.text) found.push(at(file, node.getStart()));
    });
  }
  expect(messages).toBeGreaterThan(10);
  expect(found).toEqual([]);
});
