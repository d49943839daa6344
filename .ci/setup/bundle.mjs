import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { daemonProtocol } from './daemon-protocol.mjs';

/**
 * One program in one file, so that it starts quickly: made of what tsc compiled, beside it, in `dist/bundle`.
 * Each is a function expression for the loaders in goald.cts and goal.cts. `namesOnly`: of the protocol it gets the names of the
 * messages and the paths of a home, without schemas.
 * @typedef {{ project: string, entry: string, name: string, isDaemon?: boolean, namesOnly?: boolean }} Program
 * @typedef {import('esbuild').Plugin} Plugin
 */

/** @type {readonly Program[]} */
const PROGRAMS = [
  { project: 'server', entry: 'program.js', name: 'goald.cjs', isDaemon: true },
  { project: 'clients/cli', entry: 'full.js', name: 'goal.cjs' },
  { project: 'clients/cli', entry: 'quick/status.js', name: 'status.cjs', namesOnly: true },
];

/** The one dependency that is not only JavaScript. */
const NATIVE = 'better-sqlite3';

const URL_OF = '__urlOf';
const URL_OF_SOURCE = `const ${URL_OF} = (path) => require('node:url').pathToFileURL(require('node:path').join(__dirname, path)).href;`;

/** @type {import('esbuild').BuildOptions} */
const OPTIONS = {
  bundle: true,
  write: false,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  mainFields: ['module', 'main'],
  // Loaded when first needed: require is enough for that, and works in a script, too.
  supported: { 'dynamic-import': false },
  // Names stay, for the sake of stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'silent',
  // What ws would use if it were installed.
  external: ['bufferutil', 'utf-8-validate'],
};

/**
 * Bundles all programs. A bundle appears whole: until then the one before stays, and its program sees that it is too old.
 * @param {string} root
 * @returns {Promise<void>} rejects when something cannot be bundled; no bundle is left then
 */
export async function bundle(root) {
  const projects = new Set(PROGRAMS.map(({ project }) => project));
  for (const project of projects) {
    const folder = join(root, project, 'dist', 'bundle');
    const draft = `${folder}.new`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    try {
      for (const program of PROGRAMS) {
        if (program.project === project) await bundleProgram(root, program, folder, draft);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    renameSync(draft, folder);
  }
  keepNativeModule(root);
}

/**
 * @param {string} root
 * @param {Program} program
 * @param {string} folder where it will lie
 * @param {string} draft where it is made
 */
async function bundleProgram(root, program, folder, draft) {
  const resolveDir = join(root, program.project, 'dist');
  const plugins = program.namesOnly ? [await protocolNames(root), knownVersion(resolveDir)] : [];
  if (program.isDaemon) plugins.push(daemonProtocol(root));
  const { text, later } = await bundleEntry(root, {
    entry: join(resolveDir, program.entry),
    folder,
    plugins,
  });
  const head = '(function (exports, require, module, __filename, __dirname) {';
  writeFileSync(join(draft, program.name), `${head}${text}})`);
  await writeLater(later, resolveDir, draft);
}

/**
 * A script that starts a program of the tests: daemons of theirs start as quickly as the real one.
 * @param {string} root
 * @param {string} entry
 * @param {string} script to write; its folder also gets the packages that are loaded later
 * @returns {Promise<void>}
 */
export async function bundleScript(root, entry, script) {
  const folder = dirname(script);
  const { text, later } = await bundleEntry(root, { entry, folder, plugins: [] });
  writeFileSync(script, text);
  await writeLater(later, join(root, 'server', 'dist'), folder);
}

/**
 * @param {string} root
 * @param {{ entry: string, folder: string, plugins: Plugin[] }} options `folder`: where the bundle will lie
 */
async function bundleEntry(root, { entry, folder, plugins }) {
  /** @type {Set<string>} */
  const later = new Set();
  const result = await build({
    ...OPTIONS,
    plugins: [
      ...plugins,
      laterPackages(root, later),
      ownUrls(root, folder),
      nativeModule(root, folder),
    ],
    entryPoints: [entry],
    banner: { js: `"use strict";${URL_OF_SOURCE}` },
  });
  return { text: textOf(result), later };
}

/**
 * @param {Set<string>} later packages
 * @param {string} resolveDir
 * @param {string} folder
 */
async function writeLater(later, resolveDir, folder) {
  for (const name of later) {
    const contents = `export * from ${JSON.stringify(name)};`;
    const part = await build({ ...OPTIONS, stdin: { contents, resolveDir } });
    writeFileSync(join(folder, fileOf(name)), textOf(part));
  }
}

/**
 * Only ASCII, which takes half the memory. What esbuild leaves stands in regular expressions, where escapes mean the same.
 * @param {import('esbuild').BuildResult} result
 */
function textOf(result) {
  const text = result.outputFiles?.[0]?.text ?? '';
  return text.replace(/[^\p{ASCII}]/gu, (character) =>
    // By UTF-16 unit, as the literal has it.
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** @param {string} name of a package, or a path in one */
function fileOf(name) {
  return `${name.replaceAll(/[^\w.-]+/g, '-')}.cjs`;
}

/**
 * Packages that our code loads with import() get files of their own.
 * @param {string} root
 * @param {Set<string>} later what was met
 * @returns {Plugin}
 */
function laterPackages(root, later) {
  return {
    name: 'later packages',
    setup({ onResolve }) {
      onResolve({ filter: /^[a-z@]/ }, ({ kind, path, importer }) => {
        const ours = isOurs(root, importer) && kind === 'dynamic-import';
        if (!ours || path.startsWith('node:')) return undefined;
        later.add(path);
        return { path: `./${fileOf(path)}`, external: true };
      });
    },
  };
}

/**
 * `import.meta.url` stays the address of the compiled module, so that prompts, workers and package.json are found as ever.
 * @param {string} root
 * @param {string} folder of the bundle
 * @returns {Plugin}
 */
function ownUrls(root, folder) {
  return {
    name: 'own urls',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, ({ path }) => {
        if (!isOurs(root, path)) return undefined;
        const url = `${URL_OF}(${JSON.stringify(relative(folder, path).split(sep).join('/'))})`;
        return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', url) };
      });
    },
  };
}

/**
 * better-sqlite3 finds its native part by itself only from its own folder. A copy is kept for every Node it was compiled for.
 * @param {string} root
 * @param {string} folder of the bundle
 * @returns {Plugin}
 */
function nativeModule(root, folder) {
  const { version, installed } = sqlite(root);
  const toInstalled = relative(folder, installed);
  const toKept = relative(folder, join(root, 'server', 'dist', 'native'));
  return {
    name: 'native module',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^bindings$/ }, () => ({ path: 'bindings', namespace: 'goald' }));
      onLoad({ filter: /^bindings$/, namespace: 'goald' }, () => ({
        contents: `
          const { existsSync } = require('node:fs');
          const { join } = require('node:path');
          const kept = join(__dirname, ${JSON.stringify(toKept)}, ${nativeName.toString()}(${JSON.stringify(version)}));
          module.exports = () => require(existsSync(kept) ? kept : join(__dirname, ${JSON.stringify(toInstalled)}));`,
      }));
    },
  };
}

/** @param {string} version of better-sqlite3 */
function nativeName(version) {
  return `better_sqlite3-${version}-${process.platform}-${process.arch}-${process.versions.modules}.node`;
}

/** @param {string} root */
function sqlite(root) {
  const require = createRequire(join(root, 'server', 'package.json'));
  const manifest = require.resolve(`${NATIVE}/package.json`);
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  return { version, installed: join(dirname(manifest), 'build/Release/better_sqlite3.node') };
}

/** @param {string} root */
function keepNativeModule(root) {
  const { version, installed } = sqlite(root);
  const folder = join(root, 'server', 'dist', 'native');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, nativeName(version));
  // Never written over: a daemon may have it open.
  copyFileSync(installed, `${file}.new`);
  renameSync(`${file}.new`, file);
}

/**
 * @param {string} root
 * @returns {Promise<Plugin>}
 */
async function protocolNames(root) {
  const folder = join(root, 'protocol', 'dist');
  const protocol = await import(pathToFileURL(join(folder, 'index.js')).href);
  const tables = ['requests', 'notifications'].map((table) => {
    const names = Object.entries(protocol[table]).map(([key, { method }]) => [key, { method }]);
    return `export const ${table} = ${JSON.stringify(Object.fromEntries(names))};`;
  });
  const contents = [`export * from './home.js';`, ...tables].join('\n');
  return {
    name: 'names of the protocol',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^@goald\/protocol$/ }, () => ({ path: 'names', namespace: 'goald' }));
      onLoad({ filter: /^names$/, namespace: 'goald' }, () => ({ contents, resolveDir: folder }));
    },
  };
}

/**
 * The version as it is now, so that no package.json has to be read.
 * @param {string} dist
 * @returns {Plugin}
 */
function knownVersion(dist) {
  return {
    name: 'known version',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]version\.js$/ }, async ({ path }) => {
        if (path !== join(dist, 'version.js')) return undefined;
        const exported = Object.entries(await import(pathToFileURL(path).href));
        return {
          contents: exported
            .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
            .join('\n'),
        };
      });
    },
  };
}

/**
 * @param {string} root
 * @param {string} path
 */
function isOurs(root, path) {
  return path.startsWith(root + sep) && !path.includes(`${sep}node_modules${sep}`);
}
