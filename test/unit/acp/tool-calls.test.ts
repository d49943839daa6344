import { fenced } from '@goald/cli/acp/markdown.js';
import { hunksOf } from '@goald/cli/acp/hunks.js';
import { outputContent, SHOWN_CHARS, toolCallOf } from '@goald/cli/acp/tool-calls.js';
import type { FileUpdateChange, ThreadItem } from '@goald/protocol';
import { describe, expect, it } from 'vitest';

const TWO_PLACES = [
  '--- a/a.txt',
  '+++ b/a.txt',
  '@@ -1,2 +1,3 @@',
  ' one',
  '+one and a half',
  ' two',
  '@@ -10 +11 @@',
  '-ten',
  '+-- ten',
  '\\ No newline at end of file',
  '',
].join('\n');

function patch(...changes: FileUpdateChange[]): ThreadItem {
  return { type: 'fileChange', id: 'p', changes, status: 'completed' };
}

function call(tool: string, args: unknown): ThreadItem {
  return {
    ...{ type: 'dynamicToolCall', id: 'c', namespace: null, tool, arguments: args },
    ...{ status: 'completed', contentItems: null, success: true, durationMs: 1 },
  };
}

describe('places of a diff', () => {
  it('are what a unified diff changes, each with its line in the changed file', () => {
    expect(hunksOf(TWO_PLACES)).toEqual([
      { line: 1, before: 'one\ntwo', after: 'one\none and a half\ntwo' },
      { line: 11, before: 'ten', after: '-- ten' },
    ]);
  });

  it('of a patch that is not applied yet have no line', () => {
    expect(hunksOf('@@ def main():\n@@\n one\n-two\n')).toEqual([
      { line: null, before: 'one\ntwo', after: 'one' },
    ]);
    expect(hunksOf('+one\n+two\n')).toEqual([{ line: null, before: '', after: 'one\ntwo' }]);
  });

  it('are none where there is no diff', () => {
    expect(hunksOf('Binary file a.png deleted\n')).toEqual([]);
    expect(hunksOf('')).toEqual([]);
  });
});

describe('a patch', () => {
  it('is a diff for each place, under the absolute path', () => {
    const kind = { type: 'update', move_path: null } as const;
    expect(toolCallOf(patch({ path: 'a.txt', kind, diff: TWO_PLACES }), '/repo')).toMatchObject({
      title: 'Edit a.txt',
      kind: 'edit',
      status: 'completed',
      content: [
        { type: 'diff', path: '/repo/a.txt', oldText: 'one\ntwo' },
        { type: 'diff', path: '/repo/a.txt', oldText: 'ten', newText: '-- ten' },
      ],
      locations: [{ path: '/repo/a.txt', line: 1 }],
    });
  });

  it('says what it does: a new file has no old text, a move its new path', () => {
    const add = { path: 'n.txt', kind: { type: 'add' }, diff: 'new\n' } as const;
    expect(toolCallOf(patch(add), '/repo')).toMatchObject({
      title: 'Create n.txt',
      content: [{ type: 'diff', oldText: null, newText: 'new\n' }],
    });
    const gone = { path: 'o.txt', kind: { type: 'delete' }, diff: '' } as const;
    expect(toolCallOf(patch(gone), '/repo')).toMatchObject({
      title: 'Delete o.txt',
      kind: 'delete',
    });
    const moved = {
      path: 'o.txt',
      kind: { type: 'update', move_path: 'sub/o.txt' },
      diff: '',
    } as const;
    expect(toolCallOf(patch(moved), '/repo')).toMatchObject({
      title: 'Move o.txt',
      kind: 'move',
      locations: [{ path: '/repo/sub/o.txt', line: null }],
    });
  });
});

it.each([
  ['read_file', { path: 'a.txt', offset: 7 }, 'read', 'Read a.txt'],
  ['list_files', {}, 'read', 'List files'],
  ['search', { pattern: 'x+', path: 'src' }, 'search', 'Search x+ in src'],
  ['get_goal', {}, 'think', 'Read the goal'],
  ['set_goal', { status: 'complete' }, 'think', 'Propose that the goal is complete'],
  ['set_goal', { progress: { summary: 'half' } }, 'think', 'Tell progress: half'],
  ['wait', { seconds: 90 }, 'other', 'Wait 90 s'],
  ['process', { process_id: 3, action: 'kill' }, 'execute', 'End process 3'],
  ['read_file', 'no object', 'read', 'Read a file'],
  ['teleport', null, 'other', 'teleport'],
])('%s %j is a call of kind %s: %s', (tool, args, kind, title) => {
  expect(toolCallOf(call(tool, args), '/repo')).toMatchObject({ kind, title, status: 'completed' });
});

it('a file that is read is followed to its line', () => {
  expect(toolCallOf(call('read_file', { path: 'a.txt', offset: 7 }), '/repo')?.locations).toEqual([
    { path: '/repo/a.txt', line: 7 },
  ]);
});

it('output stays as it is, whatever stands in it, and of a long one the end is shown', () => {
  expect(fenced('a ``` b\n')).toBe('````\na ``` b\n````');
  expect(outputContent(' \n')).toEqual([]);
  const [note, shown] = outputContent(`begin${'x'.repeat(SHOWN_CHARS)}end`);
  expect(JSON.stringify(note)).toContain(String(SHOWN_CHARS));
  expect(JSON.stringify(shown)).toContain('xend');
  expect(JSON.stringify(shown)).not.toContain('begin');
});
