import { chmod, readdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toolBench, type ToolBench } from './tool-bench.js';

const envelope = (...lines: string[]): string =>
  ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');

const patch = (bench: ToolBench, ...lines: string[]) =>
  bench.call('apply_patch', { patch: envelope(...lines) });

const TWICE = 'function a() {\n  return 1;\n}\n\nfunction b() {\n  return 1;\n}\n';

describe('apply_patch edits', () => {
  it('adds, updates, moves and deletes files in one patch and says what changed', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'one\ntwo\nthree\n');
    await bench.write('old.txt', 'x\n');
    await bench.write('gone.txt', 'bye\n');
    const result = await patch(
      bench,
      '*** Add File: deep/new.txt',
      '+hello',
      '+',
      '+world',
      '*** Update File: a.txt',
      '@@',
      ' one',
      '-two',
      '+TWO',
      '*** Update File: old.txt',
      '*** Move to: moved/new.txt',
      '@@',
      '-x',
      '+y',
      '*** Delete File: gone.txt',
    );
    expect(result.success, result.output).toBe(true);
    expect(await bench.read('deep/new.txt')).toBe('hello\n\nworld\n');
    expect(await bench.read('a.txt')).toBe('one\nTWO\nthree\n');
    expect(await bench.read('moved/new.txt')).toBe('y\n');
    expect((await readdir(bench.cwd)).sort()).toEqual(['a.txt', 'deep', 'moved']);
    expect(result.changes).toEqual([
      {
        path: 'deep/new.txt',
        kind: { type: 'add' },
        diff: 'hello\n\nworld\n',
      },
      {
        path: 'a.txt',
        kind: { type: 'update', move_path: null },
        diff: '--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n',
      },
      {
        path: 'old.txt',
        kind: { type: 'update', move_path: 'moved/new.txt' },
        diff: '--- a/old.txt\n+++ b/moved/new.txt\n@@ -1,1 +1,1 @@\n-x\n+y\n',
      },
      {
        path: 'gone.txt',
        kind: { type: 'delete' },
        diff: 'bye\n',
      },
    ]);
  });

  it('takes hunks without @@, several hunks, and numbered hunk headers', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'a\nb\nc\nd\ne\nf\n');
    const result = await patch(
      bench,
      '*** Update File: a.txt',
      '-a',
      '+A',
      '@@ -900,2 +1,2 @@ somewhere',
      ' c',
      '-d',
      '@@',
      ' f',
      '+g',
    );
    expect(result.success, result.output).toBe(true);
    expect(await bench.read('a.txt')).toBe('A\nb\nc\ne\nf\ng\n');
  });

  it('uses @@ lines to choose among equal places, also nested ones', async () => {
    await using bench = await toolBench();
    await bench.write('a.js', TWICE);
    const first = await patch(
      bench,
      '*** Update File: a.js',
      '@@ function b() {',
      '-  return 1;',
      '+  return 2;',
    );
    expect(first.success, first.output).toBe(true);
    expect(await bench.read('a.js')).toBe(TWICE.replace(/1;\n}\n$/, '2;\n}\n'));
    await bench.write('n.py', 'class A:\n  def f():\n    x\nclass B:\n  def f():\n    x\n');
    const second = await patch(
      bench,
      '*** Update File: n.py',
      '@@ class B:',
      '@@   def f():',
      '-    x',
      '+    y',
    );
    expect(second.success, second.output).toBe(true);
    expect(await bench.read('n.py')).toBe(
      'class A:\n  def f():\n    x\nclass B:\n  def f():\n    y\n',
    );
  });

  it('puts new lines alone after their @@ line, or at the end of the file', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'one\ntwo');
    const result = await patch(
      bench,
      '*** Update File: a.txt',
      '@@ one',
      '+one and a half',
      '@@',
      '+three',
      '*** End of File',
    );
    expect(result.success, result.output).toBe(true);
    expect(await bench.read('a.txt')).toBe('one\none and a half\ntwo\nthree');
  });

  it('lets *** End of File choose the last of equal places', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'x\ny\nx\n');
    const result = await patch(bench, '*** Update File: a.txt', '-x', '+z', '*** End of File');
    expect(result.success, result.output).toBe(true);
    expect(await bench.read('a.txt')).toBe('x\ny\nz\n');
  });

  it('keeps CRLF, a byte order mark and a missing final newline', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', '\uFEFFone\r\ntwo\r\nthree');
    const result = await patch(
      bench,
      '*** Update File: a.txt',
      '@@',
      ' one',
      '-two',
      '+2',
      '+2b',
      '-three',
      '+3',
    );
    expect(result.success, result.output).toBe(true);
    expect(await bench.read('a.txt')).toBe('\uFEFFone\r\n2\r\n2b\r\n3');
  });

  it('takes a patch whose own lines end in CRLF', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'one\n');
    const text = envelope('*** Update File: a.txt', '-one', '+two').replaceAll('\n', '\r\n');
    const result = await bench.call('apply_patch', { patch: text });
    expect(result.success, result.output).toBe(true);
    expect(await bench.read('a.txt')).toBe('two\n');
  });

  it('keeps the mode of a file', async () => {
    await using bench = await toolBench();
    await bench.write('run.sh', 'echo 1\n');
    await chmod(join(bench.cwd, 'run.sh'), 0o755);
    await patch(bench, '*** Update File: run.sh', '*** Move to: go.sh', '-echo 1', '+echo 2');
    expect((await stat(join(bench.cwd, 'go.sh'))).mode & 0o777).toBe(0o755);
  });

  it('forgives white space in context and keeps the lines of the file as they are', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', '\tif (x) {  \n\t\told();\n\t}\n');
    const result = await patch(
      bench,
      '*** Update File: a.txt',
      '     if (x) {',
      '-        old();',
      '+\t\tnew();',
      '   }',
    );
    expect(result.success, result.output).toBe(true);
    expect(await bench.read('a.txt')).toBe('\tif (x) {  \n\t\tnew();\n\t}\n');
  });

  it('prefers the exact place to one that only fits with other white space', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', '  x\nx\n');
    await patch(bench, '*** Update File: a.txt', '-x', '+y');
    expect(await bench.read('a.txt')).toBe('  x\ny\n');
  });

  it('overlooks blank lines around a hunk that the file does not have', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'one\ntwo\n');
    const result = await patch(bench, '*** Update File: a.txt', '', '-two', '+2', '', '');
    expect(result.success, result.output).toBe(true);
    expect(await bench.read('a.txt')).toBe('one\n2\n');
  });

  it.each([
    ['a here-document', `apply_patch <<'EOF'\n%s\nEOF`],
    ['a here-document after cd', `cd src && apply_patch <<EOF\n%s\nEOF`],
    ['a code fence', '```patch\n%s\n```'],
    ['blank lines', '\n\n%s\n\n'],
  ])('takes a patch wrapped in %s', async (_name, wrapper) => {
    await using bench = await toolBench();
    const text = wrapper.replace('%s', envelope('*** Add File: a.txt', '+hi'));
    const result = await bench.call('apply_patch', { patch: text });
    expect(result.success, result.output).toBe(true);
    expect(await bench.read('a.txt')).toBe('hi\n');
  });

  it('replaces a file that the same patch deletes and adds', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'one\n');
    const result = await patch(
      bench,
      '*** Delete File: a.txt',
      '*** Add File: a.txt',
      '+two',
      '*** Update File: a.txt',
      '-two',
      '+three',
    );
    expect(result.success, result.output).toBe(true);
    expect(await bench.read('a.txt')).toBe('three\n');
    expect(result.changes?.map(({ kind }) => kind.type)).toEqual(['update']);
  });

  it('writes through a symlink that stays in the folder', async () => {
    await using bench = await toolBench();
    await bench.write('real/a.txt', 'one\n');
    await symlink('real', join(bench.cwd, 'link'));
    await patch(bench, '*** Update File: link/a.txt', '-one', '+two');
    expect(await bench.read('real/a.txt')).toBe('two\n');
  });

  it('leaves no temporary file behind', async () => {
    await using bench = await toolBench();
    await bench.write('a.txt', 'one\n');
    await patch(bench, '*** Update File: a.txt', '-one', '+two', '*** Add File: b.txt', '+b');
    expect((await readdir(bench.cwd)).sort()).toEqual(['a.txt', 'b.txt']);
  });
});

describe('apply_patch shows', () => {
  it('its changes before it runs when it parses, else itself as a call', async () => {
    await using bench = await toolBench();
    const prepare = (text: string) =>
      bench.tools.prepare(
        { callId: 'c', name: 'apply_patch', arguments: JSON.stringify({ patch: text }) },
        { cwd: bench.cwd, goalTools: true },
      );
    expect(prepare(envelope('*** Update File: a.txt', '@@ f', '-x', '+y')).display).toEqual({
      kind: 'fileChange',
      changes: [
        { path: 'a.txt', kind: { type: 'update', move_path: null }, diff: '@@ f\n-x\n+y\n' },
      ],
    });
    await bench.write('a.txt', 'w\nx\n');
    const whole = prepare(envelope('*** Update File: a.txt', '@@', '-x', '+y'));
    expect(await whole.preview?.()).toEqual([
      {
        path: 'a.txt',
        kind: { type: 'update', move_path: null },
        diff: '--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n w\n-x\n+y\n',
      },
    ]);
    expect(await bench.read('a.txt')).toBe('w\nx\n');
    const misfit = prepare(envelope('*** Update File: a.txt', '@@', '-nowhere', '+y'));
    expect(await misfit.preview?.()).toBeNull();
    expect(prepare('nonsense').display).toMatchObject({ kind: 'call', tool: 'apply_patch' });
  });
});
