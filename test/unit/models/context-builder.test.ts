import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PromptContextBuilder } from '@goald/server/agent/context/prompt-context-builder.js';
import { unconfined } from '@goald/server/engine/ports/confinement.js';
import type { ContextRequest } from '@goald/server/engine/ports/context.js';
import type { HistoryEntry } from '@goald/server/engine/ports/model.js';
import { goalWith } from './goal.js';

let folder: string;
let root: string;
let inner: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goald-context-'));
  await mkdir(join(folder, 'inner'));
  root = join(folder, 'AGENTS.md');
  inner = join(folder, 'inner', 'AGENTS.md');
  await writeFile(root, 'Root rules.\n');
  await writeFile(inner, 'Inner rules.\n');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const request = (changes: Partial<ContextRequest> = {}): ContextRequest => ({
  cwd: join(folder, 'inner'),
  instructionFiles: [root, inner],
  trusted: true,
  rights: { confinement: unconfined(folder, 'thread'), approvals: 'never' },
  developerInstructions: 'Speak Latin.',
  tools: [{ name: 'get_goal', description: 'Reads the goal.', parameters: { type: 'object' } }],
  history: [{ kind: 'user', text: 'Hello' }],
  goal: goalWith(),
  notices: [],
  modeInstructions: null,
  task: 'work',
  ...changes,
});

describe('the context builder', () => {
  it('marks the words of a repository that the user does not trust, and never changes them', async () => {
    const builder = new PromptContextBuilder();
    const trusted = await builder.build(request());
    const untrusted = await builder.build(request({ trusted: false }));
    expect(untrusted.instructions).toContain('the user has not said that this folder is trusted');
    expect(trusted.instructions).not.toContain('trusted');
    for (const { instructions } of [trusted, untrusted]) {
      expect(instructions).toContain('Root rules.');
      expect(instructions).toContain('Inner rules.');
    }
  });

  it('puts our prompt first, then the folder, its files from the root down, then the client’s words', async () => {
    const { instructions } = await new PromptContextBuilder().build(request());
    const places = [
      'goald',
      `Folder: ${folder}/inner`,
      root,
      'Root rules.',
      inner,
      'Inner rules.',
      'Speak Latin.',
    ];
    const at = places.map((part) => instructions.indexOf(part));
    expect(at).not.toContain(-1);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
  });

  it('has a system prompt under 700 tokens', async () => {
    const builder = new PromptContextBuilder();
    const bare = { instructionFiles: [], developerInstructions: null, goal: null };
    const { instructions, steering } = await builder.build(request(bare));
    expect(builder.countTokens(instructions.split('# Where you are')[0] ?? '')).toBeLessThan(700);
    expect(steering).toBeNull();
  });

  it('keeps the instructions the same while budget, progress and history change', async () => {
    const builder = new PromptContextBuilder();
    const history: HistoryEntry[] = [{ kind: 'user', text: 'Hello' }];
    const one = await builder.build(request({ history }));
    const two = await builder.build(
      request({
        history: [...history, { kind: 'assistant', responseId: 'r', text: 'Hi' }],
        goal: goalWith({ tokensUsed: 5000, progress: { summary: 'more', percent: 3 } }),
        notices: ['Hurry.'],
      }),
    );
    const other = await new PromptContextBuilder().build(request({ history }));
    expect(two.instructions).toBe(one.instructions);
    expect(other).toEqual(one);
    expect(two.steering).not.toBe(one.steering);
    expect(two.history.slice(0, 1)).toEqual(one.history);
    expect(two.inputTokens).toBeGreaterThan(one.inputTokens);
  });

  it('reads an instruction file again when it changed, and leaves out one that is gone', async () => {
    const builder = new PromptContextBuilder();
    await builder.build(request());
    await writeFile(root, 'Other rules.\n');
    await utimes(root, new Date(), new Date(Date.now() + 5000));
    await rm(inner);
    const { instructions } = await builder.build(request());
    expect(instructions).toContain('Other rules.');
    expect(instructions).not.toContain('Root rules.');
    expect(instructions).not.toContain('Inner rules.');
    expect(instructions).not.toContain(inner);
  });

  it('cuts instruction files at 32 KiB together, between characters, and says so', async () => {
    await writeFile(root, 'a'.repeat(30_000));
    await writeFile(inner, '漢'.repeat(10_000));
    const { instructions } = await new PromptContextBuilder().build(request());
    expect(instructions).toContain(`read ${inner} for the rest`);
    expect(instructions).not.toContain('\u{FFFD}');
    expect(Buffer.byteLength(instructions.replace(/[^a漢]/g, ''))).toBeLessThan(32 * 1024 + 1000);
    expect(instructions.match(/漢/g)?.length).toBe(Math.floor((32 * 1024 - 30_000) / 3));
  });

  it('counts instructions, tools, every kind of entry and steering', async () => {
    const builder = new PromptContextBuilder();
    const count = async (changes: Partial<ContextRequest>): Promise<number> =>
      (await builder.build(request(changes))).inputTokens;
    const base = await count({});
    const long = 'one two three four five six seven eight nine ten';
    const entries: HistoryEntry[] = [
      { kind: 'user', text: long },
      { kind: 'assistant', responseId: 'r', text: long },
      { kind: 'reasoning', responseId: 'r', opaque: { encrypted_content: long } },
      { kind: 'toolCall', responseId: 'r', callId: 'c', name: 'shell', arguments: long },
      { kind: 'toolOutput', callId: 'c', output: long },
    ];
    for (const entry of entries) {
      expect(await count({ history: [...request().history, entry] })).toBeGreaterThan(base + 9);
    }
    expect(await count({ tools: [] })).toBeLessThan(base);
    expect(await count({ goal: null })).toBeLessThan(base - 50);
    expect(await count({ developerInstructions: null })).toBeLessThan(base);
  });
});

describe('counting tokens', () => {
  it('is the tokenizer’s count for ordinary text, also where it looks like a control token', async () => {
    const builder = new PromptContextBuilder();
    await builder.warmUp();
    expect(builder.countTokens('hello world')).toBe(2);
    expect(builder.countTokens('')).toBe(0);
    expect(builder.countTokens('<|endoftext|>')).toBeGreaterThan(3);
  });

  it.each([
    ['one letter', 'a'.repeat(150_000)],
    ['spaces', ' '.repeat(150_000)],
    ['text without spaces', '漢字仮名'.repeat(15_000)],
    ['text over the limit', 'word '.repeat(100_000)],
  ])('takes no noticeable time for a long run of %s', async (_, text) => {
    const builder = new PromptContextBuilder();
    await builder.warmUp();
    const startedMs = performance.now();
    expect(builder.countTokens(text)).toBeGreaterThan(100);
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });
});
