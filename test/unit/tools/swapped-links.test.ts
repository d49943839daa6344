import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ViewRule } from '@goald/server/engine/ports/view-rules.js';
import { isShown } from '@goald/server/engine/ports/view-rules.js';
import { eventually } from '../../helpers/eventually.js';
import { toolBench, type ToolBench } from './tool-bench.js';

const SECRET = 'the-users-secret';
const OWN = 'what-the-agent-wrote';

/**
 * What a command in the background does to get at files of others: a folder and a file turn into links that lead out, and back, as fast
 * as it can. `turns` is written while it does.
 */
const SWAPPER = `
const fs = require('node:fs');
const { own, outside } = JSON.parse(process.argv[1]);
process.chdir(own);
const quietly = (act) => { try { act(); } catch {} };
for (let n = 0; ; n += 1) {
  quietly(() => fs.renameSync('folder', 'folder.real'));
  quietly(() => fs.symlinkSync(outside, 'folder'));
  quietly(() => fs.symlinkSync(outside + '/file', 'link.tmp'));
  quietly(() => fs.renameSync('link.tmp', 'file'));
  quietly(() => fs.unlinkSync('folder'));
  quietly(() => fs.renameSync('folder.real', 'folder'));
  quietly(() => fs.writeFileSync('file.tmp', ${JSON.stringify(OWN)}));
  quietly(() => fs.renameSync('file.tmp', 'file'));
  for (const name of fs.readdirSync('folder')) {
    if (!name.endsWith('.tmp')) continue;
    quietly(() => fs.unlinkSync('folder/' + name));
    quietly(() => fs.symlinkSync(outside + '/file', 'folder/' + name));
  }
  // Now and then all is as it should be for a while, so that tools have something to do.
  if (n % 20 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 15);
  if (n === 0) fs.writeFileSync('../turns', '');
}
`;

let bench: ToolBench;
let outside: string;
let view: ViewRule[] | null = null;
let child: ReturnType<typeof spawn>;

beforeAll(async () => {
  bench = await toolBench({ viewOf: () => view });
  outside = join(dirname(bench.cwd), 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'file'), SECRET, { mode: 0o600 });
  await bench.write('folder/file', OWN);
  await bench.write('file', OWN);
  view = [
    { path: '/', access: 'read' },
    { path: outside, access: 'none' },
    { path: bench.cwd, access: 'write' },
  ];
  const places = JSON.stringify({ own: bench.cwd, outside });
  child = spawn(process.execPath, ['-e', SWAPPER, places], { stdio: 'ignore' });
  await eventually('links are swapped', () => existsSync(join(dirname(bench.cwd), 'turns')));
});

afterAll(async () => {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  await bench[Symbol.asyncDispose]();
});

/** Looks first and acts then: what the tools must not do. Answers whether it got through. */
function naiveRead(name: string): boolean {
  try {
    const path = join(bench.cwd, name);
    if (!isShown(view ?? [], realpathSync(path))) return false;
    return readFileSync(path, 'utf8') === SECRET;
  } catch {
    return false;
  }
}

function naiveWrite(name: string): boolean {
  try {
    const path = join(bench.cwd, name);
    if (!isShown(view ?? [], realpathSync(dirname(path)))) return false;
    writeFileSync(path, 'x');
    return existsSync(join(outside, 'naive'));
  } catch {
    return false;
  }
}

/** How often an attempt was made until it got through. */
async function triesUntil(attempt: () => boolean): Promise<number> {
  let tries = 0;
  await eventually('whoever looks first and acts then is tricked', () => {
    for (let n = 0; n < 200; n += 1) {
      tries += 1;
      if (attempt()) return true;
    }
    return false;
  });
  return tries;
}

const patch = (...lines: string[]): string =>
  ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');

describe('a link that takes the place of a folder or file while a tool is at work', () => {
  it('does not lead read_file or search out, as it leads whoever looks first and reads then', async () => {
    const tries =
      (await triesUntil(() => naiveRead('folder/file'))) +
      (await triesUntil(() => naiveRead('file')));
    let seen = 0;
    for (let n = 0; n < Math.min(Math.max(100, tries), 300); n += 1) {
      for (const path of ['folder/file', 'file']) {
        const { output } = await bench.call('read_file', { path }).catch(() => ({ output: '' }));
        expect(output).not.toContain(SECRET);
        if (output.includes(OWN)) seen += 1;
      }
    }
    expect(seen).toBeGreaterThan(0);
    for (let n = 0; n < 5; n += 1) {
      const { output } = await bench.call('search', { pattern: 'the-users' });
      expect(output).not.toContain(SECRET);
    }
  });

  it('does not lead apply_patch out: nothing there is read, written, removed or made readable to others', async () => {
    await triesUntil(() => naiveWrite('folder/naive'));
    const kept = (await readdir(outside)).toSorted();
    let rounds = 0;
    let written = 0;
    const round = async (): Promise<void> => {
      const n = rounds++;
      const name = `folder/new-${String(n)}`;
      const results = [
        await bench.call('apply_patch', { patch: patch(`*** Add File: ${name}`, '+x') }),
        await bench.call('apply_patch', {
          patch: patch('*** Update File: folder/file', '@@', `-${OWN}`, `+${OWN}`, '+more'),
        }),
        await bench.call('apply_patch', {
          patch: patch('*** Update File: folder/file', '@@', ` ${OWN}`, '-more'),
        }),
        await bench.call('apply_patch', { patch: patch('*** Delete File: folder/naive') }),
        await bench.call('apply_patch', {
          patch: patch('*** Update File: file', '@@', '-the', '+x'),
        }),
      ];
      written += results.filter(({ success }) => success).length;
      for (const { output } of results) expect(output).not.toContain(SECRET);
    };
    await eventually('some patches find their folder in its place', async () => {
      await round();
      return rounds >= 60 && written >= 5;
    });
    expect((await readdir(outside)).toSorted()).toEqual(kept);
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe(SECRET);
    expect((await stat(join(outside, 'file'))).mode & 0o777).toBe(0o600);
  });
});
