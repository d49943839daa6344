import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { syncAssets } from '../../../.ci/setup/build.mjs';
import { headersFolder } from '../../../.ci/setup/native-headers.mjs';
import {
  filesUnder,
  isBuilt,
  readStamp,
  sourcesSignature,
  writeStamp,
} from '../../../.ci/setup/stamp.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'goald-setup-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('assets and outputs', () => {
  it('files that are not TypeScript are copied beside the compiled ones', () => {
    write('src/agent/prompts/base.md', 'You are');
    write('src/main.ts');
    syncAssets(join(root, 'src'), join(root, 'dist'));
    expect(readFileSync(join(root, 'dist/agent/prompts/base.md'), 'utf8')).toBe('You are');
    expect(existsSync(join(root, 'dist/main.ts'))).toBe(false);
  });

  it('outputs whose source is gone are removed, the others stay', () => {
    write('src/main.ts');
    for (const file of [
      'main.js',
      'main.js.map',
      'main.d.ts',
      '.tsbuildinfo',
      'old.js',
      'old/base.md',
    ]) {
      write(`dist/${file}`);
    }
    syncAssets(join(root, 'src'), join(root, 'dist'));
    expect(filesUnder(join(root, 'dist'))).toEqual([
      '.tsbuildinfo',
      'main.d.ts',
      'main.js',
      'main.js.map',
    ]);
  });

  it('without sources nothing is touched', () => {
    write('dist/main.js');
    syncAssets(join(root, 'src'), join(root, 'dist'));
    expect(filesUnder(join(root, 'dist'))).toEqual(['main.js']);
  });
});

describe('whether there is something to build', () => {
  it('the signature changes when a source is edited, added or removed, and not otherwise', () => {
    write('server/src/main.ts', 'a');
    const first = sourcesSignature(root);
    expect(sourcesSignature(root)).toBe(first);
    write('server/src/main.ts', 'ab');
    const edited = sourcesSignature(root);
    expect(edited).not.toBe(first);
    write('protocol/src/new.ts');
    const added = sourcesSignature(root);
    expect(added).not.toBe(edited);
    rmSync(join(root, 'protocol/src/new.ts'));
    expect(sourcesSignature(root)).toBe(edited);
    write('docs/guide.md', 'not a source');
    expect(sourcesSignature(root)).toBe(edited);
  });

  it('a package without its build output has to be built', () => {
    const projects = ['protocol', 'server', 'clients/core', 'clients/cli'];
    for (const project of projects) write(`${project}/dist/.tsbuildinfo`);
    expect(isBuilt(root)).toBe(true);
    rmSync(join(root, 'server/dist'), { recursive: true });
    expect(isBuilt(root)).toBe(false);
  });

  it('the stamp comes back as it was written; without one, or with a broken one, there is none', () => {
    expect(readStamp(root)).toBeNull();
    const stamp = { lock: 'a', runtime: 'b', sources: 'c' };
    writeStamp(root, stamp);
    expect(readStamp(root)).toEqual(stamp);
    write('node_modules/.cache/goald/setup.json', '{');
    expect(readStamp(root)).toBeNull();
  });
});

describe('the C++ headers of Node', () => {
  const version = (major: string): string => `#define NODE_MAJOR_VERSION ${major}\n`;

  it('are those beside the program, when they are of its version', () => {
    write('bin/node');
    write('include/node/node_version.h', version('22'));
    expect(headersFolder(join(root, 'bin/node'), '22.3.0')).toBe(realpathSync(root));
  });

  it('of another version, or none, are not used', () => {
    write('bin/node');
    expect(headersFolder(join(root, 'bin/node'), '22.3.0')).toBeNull();
    write('include/node/node_version.h', version('20'));
    expect(headersFolder(join(root, 'bin/node'), '22.3.0')).toBeNull();
  });
});
