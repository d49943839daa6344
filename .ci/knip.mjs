import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runToEnd } from './setup/run-quiet.mjs';

// Runs knip on a copy of the sources. Server and cli let tests import any of their modules ("./*.js" in exports), and knip
// takes what a package exports for used: it would find no dead module at all. In the copy those exports are left out, and
// nothing is built, so that an import leads to its source. Arguments are handed on to knip.

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param {string} copy
 * @returns {void}
 */
function copySources(copy) {
  const list = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: root, encoding: 'utf8' },
  );
  for (const path of new Set(list.split('\0'))) {
    if (path === '' || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    copyFileSync(join(root, path), join(copy, path));
  }
}

/**
 * Links what is installed, and our own packages to their copies.
 * @param {string} copy
 * @param {readonly string[]} workspaces folders
 */
function linkModules(copy, workspaces) {
  for (const folder of ['', ...workspaces]) {
    const from = join(root, folder, 'node_modules');
    if (!existsSync(from)) continue;
    const to = join(copy, folder, 'node_modules');
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) {
      if (name !== '@goald') symlinkSync(join(from, name), join(to, name));
    }
  }
  for (const folder of workspaces) {
    const { name } = readManifest(join(copy, folder));
    const link = join(copy, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(copy, folder), link);
  }
}

/**
 * @param {string} folder
 * @returns {{ name: string, exports?: Record<string, unknown> }}
 */
function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/**
 * @param {string} copy
 * @param {readonly string[]} workspaces
 */
function dropOpenExports(copy, workspaces) {
  for (const folder of workspaces) {
    const manifest = readManifest(join(copy, folder));
    const exports = Object.entries(manifest.exports ?? {}).filter(([path]) => !path.includes('*'));
    const closed = { ...manifest, exports: Object.fromEntries(exports) };
    writeFileSync(join(copy, folder, 'package.json'), JSON.stringify(closed, null, 2));
  }
}

/**
 * The copy's folders that have a package.json, one and two levels down.
 * @param {string} copy
 * @returns {string[]}
 */
function workspacesOf(copy) {
  const folders = (/** @type {string} */ folder) =>
    readdirSync(join(copy, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  return folders('')
    .flatMap((folder) => [folder, ...folders(folder)])
    .filter((folder) => existsSync(join(copy, folder, 'package.json')));
}

const copy = mkdtempSync(join(tmpdir(), 'goald-knip-'));
try {
  copySources(copy);
  const workspaces = workspacesOf(copy);
  dropOpenExports(copy, workspaces);
  linkModules(copy, workspaces);
  const knip = join(root, 'node_modules', 'knip', 'bin', 'knip.js');
  const { code, output } = await runToEnd(
    process.execPath,
    [
      knip,
      '--config',
      '.config/knip.json',
      '--no-progress',
      '--no-config-hints',
      ...process.argv.slice(2),
    ],
    { cwd: copy },
  );
  process.stdout.write(output);
  process.exitCode = code;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
