import { Tried, wordsOfCall } from '@goald/server/engine/tried.js';
import { describe, expect, it } from 'vitest';

describe('what a turn tried', () => {
  it('names what was done, counts what was done again at once, and keeps the last eight', () => {
    const tried = new Tried();
    for (const what of ['a', 'b', 'b', 'b', 'a']) tried.add(what);
    expect(tried.list()).toEqual(['a', 'b (3 times)', 'a']);
    for (let n = 0; n < 8; n += 1) tried.add(`c${String(n)}`);
    expect(tried.list()).toHaveLength(8);
    expect(tried.list()[0]).toBe('c0');
  });

  it('says what a call was about on one line, and how it ended', () => {
    const command = { exitCode: 2, output: '', durationMs: 1, processId: null };
    const shell = { kind: 'command', command: 'make\n  all', cwd: '/r' } as const;
    const ended = { output: '', success: false, command };
    expect(wordsOfCall('shell', shell, ended)).toBe('shell make all → exit 2');
    const read = { kind: 'call', tool: 'read_file', arguments: { path: 'a.txt' } } as const;
    const fine = { output: '', success: true };
    expect(wordsOfCall('read_file', read, fine)).toBe('read_file a.txt → ok');
    const odd = { kind: 'call', tool: 'x', arguments: ['y'] } as const;
    expect(wordsOfCall('x', odd, { output: '', success: false })).toBe('x → failed');
    const long = wordsOfCall('shell', { ...shell, command: 'x'.repeat(900) }, ended);
    expect(long.length).toBeLessThan(180);
    expect(long).toMatch(/… → exit 2$/);
  });
});
