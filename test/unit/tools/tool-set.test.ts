import Ajv from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { cutMiddle } from '@goald/server/agent/tools/cut-middle.js';
import { toolBench } from './tool-bench.js';

const ALL = [
  'shell',
  'apply_patch',
  'read_file',
  'list_files',
  'search',
  'update_plan',
  'wait',
  'process',
  'get_goal',
  'set_goal',
];

describe('the tool set', () => {
  it('offers the tools in a fixed order, without the goal tools when they are off', async () => {
    await using bench = await toolBench();
    const names = (goalTools: boolean) => bench.tools.specs({ goalTools }).map((spec) => spec.name);
    expect(names(true)).toEqual(ALL);
    expect(names(false)).toEqual(ALL.slice(0, 8));
    await using other = await toolBench();
    expect(JSON.stringify(other.tools.specs({ goalTools: true }))).toBe(
      JSON.stringify(bench.tools.specs({ goalTools: true })),
    );
  });

  it('describes the arguments by valid, closed JSON Schemas in few characters', async () => {
    await using bench = await toolBench();
    const specs = bench.tools.specs({ goalTools: true });
    for (const { parameters } of specs) {
      expect(() => new Ajv.default({ strict: true }).compile(parameters)).not.toThrow();
      expect(parameters).toMatchObject({ type: 'object', additionalProperties: false });
    }
    expect(JSON.stringify(specs).length).toBeLessThan(5300);
  });

  it.each([
    ['an unknown tool', 'fly', '{}', /no tool named "fly"/],
    ['broken JSON', 'shell', '{"command": "ls', /not valid JSON/],
    ['a missing argument', 'shell', '{}', /command/],
    ['an unknown argument', 'shell', '{"command":"ls","sudo":true}', /sudo/],
    ['a wrong type', 'read_file', '{"path":"a","offset":"3"}', /offset/],
  ])('answers %s with an error output', async (_name, name, args, words) => {
    await using bench = await toolBench();
    const result = await bench.call(name, args);
    expect(result.success).toBe(false);
    expect(result.output).toMatch(words);
  });

  it('refuses the goal tools when they are switched off', async () => {
    await using bench = await toolBench();
    const call = { callId: 'c', name: 'get_goal', arguments: '{}' };
    const prepared = bench.tools.prepare(call, { cwd: bench.cwd, goalTools: false });
    expect(prepared.display).toEqual({ kind: 'call', tool: 'get_goal', arguments: {} });
    expect(prepared.readOnly).toBe(true);
  });

  it('takes null for an argument that is not given, and no text for no arguments', async () => {
    await using bench = await toolBench();
    const result = await bench.call('shell', { command: 'true', workdir: null, timeout_ms: null });
    expect(result.success).toBe(true);
    expect((await bench.call('get_goal', '')).output).toContain('no goal');
  });

  it('marks what only reads', async () => {
    await using bench = await toolBench();
    const args: Record<string, object> = {
      shell: { command: 'ls' },
      apply_patch: { patch: 'x' },
      read_file: { path: 'a' },
      list_files: { path: '.' },
      search: { pattern: 'x' },
      wait: { seconds: 1 },
      process: { process_id: 1, action: 'poll' },
      update_plan: { steps: [{ step: 'a', status: 'pending' }] },
      get_goal: {},
      set_goal: {},
    };
    const readOnly = ALL.filter((name) => {
      const call = { callId: 'c', name, arguments: JSON.stringify(args[name]) };
      return bench.tools.prepare(call, { cwd: bench.cwd, goalTools: true }).readOnly;
    });
    expect(readOnly).toEqual(['read_file', 'list_files', 'search', 'wait', 'process', 'get_goal']);
  });

  it('rejects a call with the reason of the stop when the turn was stopped before it', async () => {
    await using bench = await toolBench();
    bench.abort.abort(new Error('stopped'));
    await expect(bench.call('read_file', { path: 'a' })).rejects.toThrow('stopped');
  });
});

describe('cutting the middle', () => {
  const count = (text: string): number => Math.ceil(text.length / 4);

  it('keeps a text that fits as it is', () => {
    expect(cutMiddle('a\n'.repeat(100), 400, count)).toBeNull();
    expect(cutMiddle('short', 10, count)).toBeNull();
  });

  it('keeps head and tail within the limit and counts what is lost', () => {
    const text = Array.from({ length: 1000 }, (_, i) => `line ${String(i)}\n`).join('');
    const cut = cutMiddle(text, 100, count);
    if (cut === null) throw new Error('nothing was cut');
    expect(text.startsWith(cut.head)).toBe(true);
    expect(text.endsWith(cut.tail)).toBe(true);
    expect(count(cut.head) + count(cut.tail)).toBeLessThanOrEqual(100);
    expect(cut.head.length + cut.cutChars + cut.tail.length).toBe(text.length);
    expect(cut.cutLines).toBe(text.split('\n').length - (cut.head + cut.tail).split('\n').length);
  });

  it('never counts long pieces, and never splits a character', () => {
    const text = '😀'.repeat(100_000);
    const lengths: number[] = [];
    const cut = cutMiddle(text, 100, (piece) => {
      lengths.push(piece.length);
      return count(piece);
    });
    expect(Math.max(...lengths)).toBeLessThanOrEqual(82);
    expect(lengths.length).toBeLessThan(50);
    expect(cut?.head).toMatch(/^(😀)+$/u);
    expect(cut?.tail).toMatch(/^(😀)+$/u);
  });
});
