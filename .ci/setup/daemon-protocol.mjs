import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';

/** How a request says that the daemon sends it. */
const SENT_BY_DAEMON = 'serverToClient';

/**
 * What a daemon never asks of a message: it checks what clients send, the answers to its own requests among that, not what it sends itself.
 * @param {string} made by which function
 * @param {boolean} asks it is a request of the daemon
 */
function unusedOf(made, asks) {
  if (made === 'defineNotification') return 'params';
  if (made !== 'defineRequest') return undefined;
  return asks ? 'params' : 'result';
}

/**
 * The protocol as a daemon needs it: without the schemas of results and notifications, and without those that only they use. Two
 * thirds of all schemas, which would take 3 MB for as long as it runs.
 * @param {string} root
 * @returns {import('esbuild').Plugin}
 */
export function daemonProtocol(root) {
  const modules = join(root, 'protocol', 'dist') + sep;
  return {
    name: 'protocol of the daemon',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]protocol[\\/]dist[\\/].*\.js$/ }, ({ path }) =>
        path.startsWith(modules)
          ? { contents: withoutUnused(readFileSync(path, 'utf8')) }
          : undefined,
      );
    },
  };
}

/**
 * Takes the unused schemas out of the messages, and marks what a module makes for its names as free of effects, so that the bundler
 * leaves out what nobody uses then.
 * @param {string} module its text, as tsc compiled it
 * @returns {string}
 */
export function withoutUnused(module) {
  const source = ts.createSourceFile('module.js', module, ts.ScriptTarget.Latest);
  /** @type {{ start: number, end: number, by: string }[]} last first */
  const changes = [];
  for (const value of source.statements.flatMap(madeFor).reverse()) {
    const [start, end] = [value.getStart(source), value.getEnd()];
    changes.push({ start: end, end, by: ')()' });
    for (const property of unusedProperties(value)) {
      // In place of the schema: a comma behind it stays right.
      changes.push({ start: property.getStart(source), end: property.getEnd(), by: '...{}' });
    }
    changes.push({ start, end: start, by: '/* @__PURE__ */ (() => ' });
  }
  return changes.reduce(
    (text, { start, end, by }) => text.slice(0, start) + by + text.slice(end),
    module,
  );
}

/**
 * The calls whose results a statement gives names to.
 * @param {ts.Statement} statement
 * @returns {ts.CallExpression[]}
 */
function madeFor(statement) {
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ initializer }) =>
    initializer !== undefined && ts.isCallExpression(initializer) ? [initializer] : [],
  );
}

/**
 * @param {ts.CallExpression} call
 * @returns {ts.ObjectLiteralElementLike[]} last first
 */
function unusedProperties({ expression, arguments: [message] }) {
  if (!ts.isIdentifier(expression) || message === undefined) return [];
  if (!ts.isObjectLiteralExpression(message)) return [];
  const unused = unusedOf(expression.text, message.properties.some(saysDaemon));
  return message.properties
    .filter(({ name }) => name !== undefined && ts.isIdentifier(name) && name.text === unused)
    .reverse();
}

/** @param {ts.ObjectLiteralElementLike} property */
function saysDaemon(property) {
  return (
    ts.isPropertyAssignment(property) &&
    ts.isIdentifier(property.name) &&
    property.name.text === 'direction' &&
    ts.isStringLiteral(property.initializer) &&
    property.initializer.text === SENT_BY_DAEMON
  );
}
