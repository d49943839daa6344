import type { ToolDisplay, ToolResult } from './ports/tools.js';

const MOST = 8;
const LONGEST = 160;

/** What a turn did last, for the reason of a stop: a person shall see in it where the model went in circles. */
export class Tried {
  readonly #last: { readonly what: string; times: number }[] = [];

  add(what: string): void {
    const words = shortened(what);
    const newest = this.#last.at(-1);
    if (newest?.what === words) {
      newest.times += 1;
      return;
    }
    this.#last.push({ what: words, times: 1 });
    if (this.#last.length > MOST) this.#last.shift();
  }

  /** Newest last; the same in a row once, with how often. */
  list(): string[] {
    return this.#last.map(({ what, times }) =>
      times === 1 ? what : `${what} (${String(times)} times)`,
    );
  }
}

/** A call in the words of a person, with how it ended. */
export function wordsOfCall(
  name: string,
  display: ToolDisplay,
  { success, command }: ToolResult,
): string {
  const what = `${name} ${aboutOf(display)}`.trimEnd();
  const exit = command?.exitCode ?? null;
  if (exit !== null) return `${shortened(what)} → exit ${String(exit)}`;
  return `${shortened(what)} → ${success ? 'ok' : 'failed'}`;
}

function aboutOf(display: ToolDisplay): string {
  switch (display.kind) {
    case 'command':
      return display.command;
    case 'fileChange':
      return display.changes.map(({ path }) => path).join(', ');
    case 'mcp':
      return '';
    case 'call': {
      const args: unknown = display.arguments;
      if (typeof args !== 'object' || args === null) return '';
      for (const key of ['path', 'pattern', 'status'] as const) {
        const value: unknown = Reflect.get(args, key);
        if (typeof value === 'string') return value;
      }
      return '';
    }
  }
}

function shortened(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}
