import { notifications, requests } from '@goald/protocol';
import * as protocol from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { importsOf, sourcesUnder, walk, type ImportRef, type SourceFile } from './sources.js';
import ts from 'typescript';

const server = sourcesUnder('server/src');

/**
 * What each part of the server may import of the others. A part is a folder of server/src or a file in it. `daemon.ts` is
 * the composition root: it alone may import everything, and only the program (and the package's index) imports it. `compose`
 * holds the parts of the root that it builds in one piece; the agent and the workspace are wired in daemon.ts alone.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['goald.cts'],
  'goald.cts': ['program.ts'],
  'program.ts': ['daemon.ts', 'config', 'host', 'transport'],
  'index.ts': ['daemon.ts', 'config'],
  'daemon.ts': [
    'agent',
    'compose',
    'config',
    'doctor',
    'engine',
    'host',
    'rpc',
    'store',
    'transport',
    'workspace',
  ],
  compose: ['engine', 'events', 'goals', 'host', 'projects', 'rpc', 'settings', 'store', 'threads'],
  transport: ['rpc'],
  rpc: ['goals', 'threads', 'engine', 'events', 'projects', 'settings', 'store'],
  engine: ['goals', 'threads', 'events', 'store'],
  threads: ['goals', 'events', 'store'],
  goals: ['events', 'store'],
  events: ['store'],
  projects: ['config', 'store'],
  settings: ['projects', 'store'],
  doctor: ['config', 'store'],
  store: [],
  config: [],
  host: [],
  agent: ['engine/ports'],
  workspace: ['engine/ports'],
};

const PURE = [
  'server/src/goals/goal-state.ts',
  'server/src/goals/budget.ts',
  'server/src/goals/progress.ts',
  'server/src/goals/accounting.ts',
  'server/src/goals/price.ts',
  'server/src/engine/retry-policy.ts',
];

/** Names through which a module reaches the time, chance, the process or the world. */
const IMPURE_GLOBALS = new Set([
  'Date',
  'console',
  'crypto',
  'fetch',
  'globalThis',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
]);

function partOf(path: string): string {
  return path.replace('server/src/', '').split('/')[0] ?? path;
}

function allowed(from: string, target: string): boolean {
  if (from === partOf(target)) return true;
  return (MAY_IMPORT[from] ?? []).some(
    (part) => target === `server/src/${part}` || target.startsWith(`server/src/${part}/`),
  );
}

function offences(
  files: readonly SourceFile[],
  isAllowed: (ref: ImportRef, file: SourceFile) => boolean,
): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter((ref) => !isAllowed(ref, file))
      .map((ref) => `${file.path} imports ${ref.specifier}`),
  );
}

describe('inside the server', () => {
  it('knows every part', () => {
    expect(
      [...new Set(server.map((file) => partOf(file.path)))].filter((part) => !(part in MAY_IMPORT)),
    ).toEqual([]);
  });

  it('imports go downwards only', () => {
    expect(
      offences(
        server,
        (ref, file) => ref.target === null || allowed(partOf(file.path), ref.target),
      ),
    ).toEqual([]);
  });

  it('relative imports stay inside the package and name a file that exists', () => {
    const paths = new Set(server.map((file) => file.path));
    expect(offences(server, (ref) => ref.target === null || paths.has(ref.target))).toEqual([]);
  });

  it('has no module that imports itself through others when it runs', () => {
    expect(runtimeCycles(server)).toEqual([]);
  });

  it.each(PURE)(
    '%s is pure: it imports the protocol and others of its kind, and reads no clock',
    (path) => {
      const file = server.find((candidate) => candidate.path === path);
      expect(file, `${path} is missing`).toBeDefined();
      if (file === undefined) return;
      expect(
        offences(
          [file],
          (ref) => ref.specifier === '@goald/protocol' || PURE.includes(ref.target ?? ''),
        ),
      ).toEqual([]);
      const impure = new Set<string>();
      walk(file, (node) => {
        if (ts.isIdentifier(node) && IMPURE_GLOBALS.has(node.text)) impure.add(node.text);
        if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') {
          impure.add('Math.random');
        }
      });
      expect([...impure]).toEqual([]);
    },
  );

  it('transport takes no message and no registry from the protocol', () => {
    const messages: ReadonlySet<unknown> = new Set([
      ...Object.values(requests),
      ...Object.values(notifications),
    ]);
    const known = Object.entries(protocol)
      .filter(([, value]) => messages.has(value))
      .map(([name]) => name);
    const forbidden = new Set([
      '*',
      'requests',
      'notifications',
      'findRequest',
      'findNotification',
      ...known,
    ]);
    const files = server.filter((file) => partOf(file.path) === 'transport');
    expect(
      offences(
        files,
        (ref) =>
          ref.specifier !== '@goald/protocol' || !ref.names.some((name) => forbidden.has(name)),
      ),
    ).toEqual([]);
  });

  it('only config reads the environment; the entry may pass it on', () => {
    const readers = server
      .filter((file) => partOf(file.path) !== 'config' && partOf(file.path) !== 'goald.cts')
      .filter((file) => readsEnvironment(file))
      .map((file) => file.path);
    expect(readers).toEqual([]);
  });
});

describe('between packages', () => {
  const PACKAGES: Readonly<Record<string, readonly string[]>> = {
    'protocol/src': [],
    'server/src': ['@goald/protocol'],
    'clients/core/src': ['@goald/protocol'],
    'clients/cli/src': ['@goald/protocol', '@goald/client'],
  };

  it.each(Object.entries(PACKAGES))('%s imports of ours only %j', (folder, ours) => {
    expect(
      offences(sourcesUnder(folder), (ref) =>
        ref.target === null
          ? !ref.specifier.startsWith('@goald/') || ours.includes(ref.specifier)
          : ref.target.startsWith(`${folder}/`),
      ),
    ).toEqual([]);
  });

  it('clients: each folder of clients/ is listed here', () => {
    const folders = new Set(
      sourcesUnder('clients').map((file) => file.path.split('/').slice(0, 3).join('/')),
    );
    expect([...folders].filter((folder) => !(folder in PACKAGES))).toEqual([]);
  });

  it('protocol imports zod and the arithmetic of paths, nothing else', () => {
    expect(
      offences(
        sourcesUnder('protocol/src'),
        (ref) => ref.target !== null || ['zod', 'node:path'].includes(ref.specifier),
      ),
    ).toEqual([]);
  });

  it('protocol has no cycle when it runs', () => {
    expect(runtimeCycles(sourcesUnder('protocol/src'))).toEqual([]);
  });

  it.each(['clients/core/src', 'clients/cli/src'])('%s has no cycle when it runs', (folder) => {
    expect(runtimeCycles(sourcesUnder(folder))).toEqual([]);
  });

  it('clients/cli: what serves editors is loaded by its command alone, and only when that runs', () => {
    const acp = 'clients/cli/src/acp/';
    const cli = sourcesUnder('clients/cli/src');
    const ofEditors = (ref: ImportRef): boolean =>
      ref.specifier.startsWith('@agentclientprotocol/') || (ref.target?.startsWith(acp) ?? false);
    const users = cli.filter((file) => !file.path.startsWith(acp));
    expect(offences(users, (ref) => !ofEditors(ref))).toEqual([
      'clients/cli/src/commands/acp.ts imports ../acp/serve.js',
    ]);
    const atStart = cli.filter((file) =>
      file.ast.statements.some(
        (node) =>
          ts.isImportDeclaration(node) &&
          node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword &&
          ts.isStringLiteral(node.moduleSpecifier) &&
          /^@agentclientprotocol\/|\/acp\/serve\.js$/.test(node.moduleSpecifier.text),
      ),
    );
    expect(atStart.map((file) => file.path)).toEqual([]);
  });

  it('nothing outside test imports from test', () => {
    const outside = sourcesUnder('protocol', 'server', 'clients');
    expect(
      offences(
        outside,
        (ref) => !(ref.target?.startsWith('test/') ?? ref.specifier.startsWith('@goald/test')),
      ),
    ).toEqual([]);
  });
});

/** True when a module says process.env, or takes env from node:process. */
function readsEnvironment(file: SourceFile): boolean {
  let reads = importsOf(file).some(
    (ref) => /^(node:)?process$/.test(ref.specifier) && ref.names.some((name) => name === 'env'),
  );
  walk(file, (node) => {
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
      if (/^(globalThis\.)?process(\.|\?\.|\[['"`])env\b/.test(node.getText())) reads = true;
    }
  });
  return reads;
}

/** Modules that can be reached from themselves by imports that are still there after compilation. */
function runtimeCycles(files: readonly SourceFile[]): string[] {
  const edges = new Map(
    files.map((file) => [
      file.path,
      importsOf(file).flatMap((ref) => (ref.target === null || ref.typeOnly ? [] : [ref.target])),
    ]),
  );
  const reaches = (start: string): boolean => {
    const seen = new Set<string>();
    const queue = [...(edges.get(start) ?? [])];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (next === start) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(...(edges.get(next) ?? []));
    }
    return false;
  };
  return [...edges.keys()].filter(reaches);
}
