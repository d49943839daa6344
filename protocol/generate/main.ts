import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { generatedFiles } from './files.js';
import { withMethodTable } from './method-table.js';

// `npm run schemas`: writes schemas/ and the table of docs/protocol.md anew. `--out DIR` writes elsewhere. `--check` writes nothing and fails when a file is
// missing, different or left over.

const { values } = parseArgs({
  options: { out: { type: 'string' }, check: { type: 'boolean', default: false } },
});
const out = resolve(values.out ?? join(import.meta.dirname, '../../schemas'));
const files = generatedFiles();
const guide = join(import.meta.dirname, '../../docs/protocol.md');
const guideText = readFileSync(guide, 'utf8');

if (values.check) {
  const stale = staleFiles();
  if (stale.length > 0) {
    process.stderr.write(
      `${stale.join('\n')}\n${relative(process.cwd(), out) || '.'} is not what the protocol says: run \`npm run schemas\`.\n`,
    );
    process.exitCode = 1;
  }
} else {
  rmSync(out, { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), text);
  }
  if (values.out === undefined) writeFileSync(guide, withMethodTable(guideText));
  process.stdout.write(`${files.size} files in ${relative(process.cwd(), out) || '.'}\n`);
}

function staleFiles(): string[] {
  const present = new Set(
    readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(out, join(entry.parentPath, entry.name))),
  );
  return [
    ...[...files.keys()].filter((path) => !present.has(path)).map((path) => `missing: ${path}`),
    ...[...files]
      .filter(([path, text]) => present.has(path) && readFileSync(join(out, path), 'utf8') !== text)
      .map(([path]) => `different: ${path}`),
    ...(withMethodTable(guideText) === guideText ? [] : ['different: docs/protocol.md']),
    ...[...present].filter((path) => !files.has(path)).map((path) => `left over: ${path}`),
  ].sort();
}
