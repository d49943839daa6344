import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runQuiet } from './run-quiet.mjs';
import { PROJECTS, filesUnder } from './stamp.mjs';

const BUILD_INFO = '.tsbuildinfo';
/** What bundle.mjs makes of the outputs. */
const MADE_LATER = /^(bundle|native)\//;

/**
 * Compiles every package, copies what is not TypeScript (prompts …) beside it, and links the programs.
 * @param {string} root
 * @returns {Promise<void>}
 */
export async function build(root) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await runQuiet(
    {
      label: 'building (tsc)',
      hint: 'some seconds',
      advise: () => 'The sources do not compile: put right what the compiler names above.',
    },
    process.execPath,
    [tsc, '--build', ...PROJECTS],
    { cwd: root },
  );
  for (const project of PROJECTS) {
    syncAssets(join(root, project, 'src'), join(root, project, 'dist'));
    linkPrograms(root, join(root, project));
  }
  await makeBundles(root);
}

/** @param {string} root */
async function makeBundles(root) {
  try {
    const { bundle } = await import('./bundle.mjs');
    await bundle(root);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `goald: not bundled, so it starts more slowly; else it works as ever: ${reason}\n`,
    );
  }
}

/**
 * What a source file becomes in the output folder.
 * @param {string} source path inside src
 * @returns {string[]} paths inside dist
 */
export function outputsOf(source) {
  if (source.endsWith('.d.ts')) return [];
  const [, stem, kind] = /^(.*)\.([cm]?)tsx?$/.exec(source) ?? [];
  return stem === undefined
    ? [source]
    : [`js`, `js.map`]
        .map((end) => `${stem}.${kind}${end}`)
        .concat([`ts`, `ts.map`].map((end) => `${stem}.d.${kind}${end}`));
}

/**
 * Copies the files that tsc does not compile, and removes outputs whose source is gone: a deleted module must not
 * go on working.
 * @param {string} src
 * @param {string} dist
 */
export function syncAssets(src, dist) {
  const sources = filesUnder(src);
  if (sources.length === 0) return;
  for (const source of sources) {
    if (/\.[cm]?tsx?$/.test(source)) continue;
    mkdirSync(dirname(join(dist, source)), { recursive: true });
    copyFileSync(join(src, source), join(dist, source));
  }
  const expected = new Set([BUILD_INFO, ...sources.flatMap(outputsOf)]);
  for (const file of filesUnder(dist)) {
    if (!expected.has(file) && !MADE_LATER.test(file)) rmSync(join(dist, file));
  }
}

/**
 * npm links programs when it installs, before they are built; so it is done here, and `npx goal` works.
 * @param {string} root
 * @param {string} folder of the package
 */
function linkPrograms(root, folder) {
  /** @type {{ bin?: Record<string, string> }} */
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const [name, file] of Object.entries(manifest.bin ?? {})) {
    const target = join(folder, file);
    if (!existsSync(target)) continue;
    chmodSync(target, 0o755);
    const link = join(root, 'node_modules', '.bin', name);
    rmSync(link, { force: true });
    symlinkSync(relative(dirname(link), target), link);
  }
}
