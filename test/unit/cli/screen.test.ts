import { ScreenRenderer } from '@goald/cli/progress/screen-renderer.js';
import { HumanSink } from '@goald/cli/progress/sinks.js';
import { initialView } from '@goald/cli/progress/view.js';
import type { Terminal } from '@goald/cli/terminal/terminal.js';
import { expect, it } from 'vitest';
import { PLAIN } from '../../helpers/cli/plain.js';
import { goalOf } from './samples.js';

interface Screen extends Terminal {
  width: number;
  readonly writes: string[];
  resize: () => void;
}

function screen(width: number): Screen {
  const writes: string[] = [];
  return {
    width,
    writes,
    resize: () => undefined,
    env: {},
    cwd: '/',
    canAsk: false,
    isScreen: true,
    paint: PLAIN,
    columns() {
      return this.width;
    },
    onResize(listener) {
      this.resize = listener;
      return { [Symbol.dispose]: () => undefined };
    },
    write(text) {
      writes.push(text);
      return Promise.resolve();
    },
    writeError: () => undefined,
    ask: () => Promise.resolve(null),
    onInterrupt: () => ({ [Symbol.dispose]: () => undefined }),
  };
}

const ERASE = '\r\u001b[0J';

it('lines scroll above the live line, each change in one write', async () => {
  const terminal = screen(60);
  const view = initialView(goalOf({}), 0);
  await using renderer = new ScreenRenderer(terminal);
  await renderer.update(view, []);
  await renderer.update(view, [
    { kind: 'ok', text: 'npm test' },
    { kind: 'info', text: 'read_file a.js' },
  ]);
  const last = terminal.writes.at(-1) ?? '';
  expect(last.startsWith(`${ERASE}✓ npm test\n· read_file a.js\n`)).toBe(true);
  expect(last.slice(last.lastIndexOf('\n') + 1)).toMatch(/^. thinking · 0 tokens/u);
});

it('a narrower screen takes away every row the live line was broken into', async () => {
  const terminal = screen(100);
  const view = initialView(goalOf({ phase: 'acting' }), 0);
  await using renderer = new ScreenRenderer(terminal);
  await renderer.update(
    { ...view, running: new Map([['x', { label: 'x'.repeat(200), startedAtMs: 0 }]]) },
    [],
  );
  terminal.width = 40;
  terminal.resize();
  expect(terminal.writes.at(-1)?.startsWith('\r\u001b[2A\u001b[0J')).toBe(true);
});

it('leaves the transcript and a visible cursor, and no live line', async () => {
  const terminal = screen(60);
  const renderer = new ScreenRenderer(terminal);
  await renderer.update(initialView(goalOf({}), 0), [{ kind: 'ok', text: 'done' }]);
  expect(terminal.writes[0]?.startsWith('\u001b[?25l')).toBe(true);
  await renderer[Symbol.asyncDispose]();
  expect(terminal.writes.at(-1)).toBe(`${ERASE}\u001b[?25h`);
});

it('draws nothing while the screen is lent to a question, and what happened meanwhile afterwards', async () => {
  const terminal = screen(60);
  await using renderer = new ScreenRenderer(terminal);
  const sink = new HumanSink(renderer, goalOf({}), 0);
  const answer = await sink.aside(async () => {
    expect(terminal.writes.at(-1)).toBe(`${ERASE}\u001b[?25h`);
    const before = terminal.writes.length;
    terminal.resize();
    sink.input({ kind: 'connection', connected: false });
    await Promise.resolve();
    expect(terminal.writes).toHaveLength(before);
    return 'answered';
  });
  expect(answer).toBe('answered');
  await sink.aside(() => Promise.reject(new Error('left'))).catch(() => undefined);
  await sink.aside(() => Promise.resolve());
  expect(terminal.writes.at(-1)?.startsWith('\u001b[?25l')).toBe(true);
  expect(terminal.writes.at(-1)).toContain('connecting to the daemon');
});
