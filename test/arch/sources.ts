import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, '../..');

/** One TypeScript file. `path` is relative to the root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly ast: ts.SourceFile;
}

/** Where a module takes something from. */
export interface ImportRef {
  /** As written, such as '../store/store.js' or 'node:path'. */
  readonly specifier: string;
  /** The file it names, relative to the root, for relative imports. */
  readonly target: string | null;
  /** Gone after compilation. */
  readonly typeOnly: boolean;
  /** Names taken from the module; '*' for all of it. */
  readonly names: readonly string[];
}

const SKIPPED = new Set(['node_modules', 'dist', 'fixtures', 'coverage']);

/** All TypeScript sources under these folders. A folder that is not there has none. */
export function sourcesUnder(...folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap((folder) => filesUnder(folder))
    .filter((path) => /\.[cm]?tsx?$/.test(path))
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      return { path, text, ast: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
    });
}

/** Every workspace folder that holds code of ours. */
export const CODE_FOLDERS = ['protocol', 'server', 'clients', 'test'] as const;

/** Files that git tracks or would track, relative to the root. */
export function trackedFiles(): readonly string[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached'], { cwd: ROOT, encoding: 'utf8' });
  return list.split('\0').filter((path) => path !== '');
}

/** What a module imports, re-exports, or loads with import(). */
export function importsOf(file: SourceFile): readonly ImportRef[] {
  const found: ImportRef[] = [];
  const add = (
    specifier: ts.Node | undefined,
    typeOnly: boolean,
    names: readonly string[],
  ): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const target = specifier.text.startsWith('.')
      ? posix.join(posix.dirname(file.path), specifier.text).replace(/\.([cm]?)js$/, '.$1ts')
      : null;
    found.push({ specifier: specifier.text, target, typeOnly, names });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, isTypeOnly(node.importClause), importedNames(node.importClause));
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly, exportedNames(node));
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true, ['*']);
    } else if (
      ts.isCallExpression(node) &&
      (node.expression.kind === ts.SyntaxKind.ImportKeyword ||
        node.expression.getText() === 'require')
    ) {
      add(node.arguments[0], false, ['*']);
    }
    ts.forEachChild(node, visit);
  };
  visit(file.ast);
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function importedNames(clause: ts.ImportClause | undefined): readonly string[] {
  if (clause === undefined) return [];
  const bindings = clause.namedBindings;
  const named =
    bindings === undefined
      ? []
      : ts.isNamespaceImport(bindings)
        ? ['*']
        : bindings.elements.map((element) => (element.propertyName ?? element.name).text);
  return clause.name === undefined ? named : ['default', ...named];
}

function exportedNames(node: ts.ExportDeclaration): readonly string[] {
  return node.exportClause !== undefined && ts.isNamedExports(node.exportClause)
    ? node.exportClause.elements.map((element) => (element.propertyName ?? element.name).text)
    : ['*'];
}

/** Calls `visit` with every node of a file. */
export function walk(file: SourceFile, visit: (node: ts.Node) => void): void {
  const step = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, step);
  };
  step(file.ast);
}

/** `path:line` of a node, for messages. */
export function at(file: SourceFile, position: number): string {
  return `${file.path}:${String(file.ast.getLineAndCharacterOfPosition(position).line + 1)}`;
}

function filesUnder(folder: string): readonly string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      return entry.isDirectory() ? filesUnder(path) : [path];
    });
}
