import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createModel } from '@goald/server/agent/models/create-model.js';
import { ReplayModel } from '@goald/server/agent/models/replay.js';
import type { HistoryEntry } from '@goald/server/engine/ports/model.js';
import { eventsOf, failureOf, modelConfig, modelRequest, wallClock, whole } from './support.js';

const usage = { input: 10, cachedInput: 0, output: 5, reasoning: 0 };
const first = [
  { type: 'text', text: 'I look at the file and then at the test that fails in it.' },
  { type: 'toolCall', callId: 'c1', name: 'read_file', arguments: '{"path":"a"}' },
  { type: 'completed', finish: 'toolCalls', usage },
];
const second = [{ type: 'text', text: 'Done.' }];
const afterFirst: HistoryEntry[] = [
  { kind: 'user', text: 'Go' },
  { kind: 'assistant', responseId: 'r1', text: 'I look' },
  { kind: 'toolCall', responseId: 'r1', callId: 'c1', name: 'read_file', arguments: '{}' },
  { kind: 'toolOutput', callId: 'c1', output: 'x' },
];

describe('the replay model', () => {
  let folder: string;
  let path: string;
  const write = (...lines: object[]): Promise<void> =>
    writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const replay = (): ReplayModel =>
    new ReplayModel({ config: modelConfig({ provider: 'replay' }), transcript: path, pauseMs: 0 });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goald-replay-'));
    path = join(folder, 'transcript.jsonl');
    await write(
      { kind: 'goald-transcript', version: 1, recordedWith: 'a model' },
      { events: first },
      { events: second },
    );
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('streams the recorded response in pieces', async () => {
    const events = await eventsOf(replay());
    expect(whole(events)).toEqual(first);
    const deltas = events.flatMap((event) => (event.type === 'textDelta' ? [event.delta] : []));
    expect(deltas.length).toBeGreaterThan(2);
    expect(deltas.join('')).toBe(first[0]?.text);
  });

  it('answers by what the history holds: the same request again, or a new process, gets the same line', async () => {
    const request = modelRequest({ history: afterFirst });
    const done = [
      { type: 'text', text: 'Done.' },
      { type: 'completed', finish: 'stop', usage: null },
    ];
    const model = replay();
    expect(whole(await eventsOf(model, request))).toEqual(done);
    expect(whole(await eventsOf(model, request))).toEqual(done);
    expect(whole(await eventsOf(replay(), request))).toEqual(done);
  });

  it('fails for good when the transcript is over', async () => {
    const history: HistoryEntry[] = [
      ...afterFirst,
      { kind: 'assistant', responseId: 'r2', text: 'Done.' },
    ];
    const error = await failureOf(replay(), modelRequest({ history }));
    expect(error).toMatchObject({ kind: 'permanent' });
    expect(error.message).toContain('the transcript has no more responses');
  });

  it('names the line that is wrong', async () => {
    await write({ events: first }, { events: [{ type: 'song' }] });
    expect((await failureOf(replay())).message).toContain(`${path}:2`);
  });

  it('says which file cannot be read', async () => {
    await rm(path);
    expect(await failureOf(replay())).toMatchObject({ kind: 'permanent' });
  });

  it('stops in mid-stream with the reason of the abort', async () => {
    const config = modelConfig({ provider: 'replay', transcript: path });
    const model = createModel({ config, apiKey: undefined, clock: wallClock });
    expect(model.provider).toBe('replay');
    const stop = new AbortController();
    const reason = new Error('paused');
    const seen: string[] = [];
    const run = async (): Promise<void> => {
      for await (const event of model.stream(modelRequest(), stop.signal)) {
        seen.push(event.type);
        stop.abort(reason);
      }
    };
    await expect(run()).rejects.toBe(reason);
    expect(seen).toEqual(['textDelta']);
  });
});

describe('a model that is not configured', () => {
  it.each([
    ['openai without key and server', {}, 'OPENAI_API_KEY'],
    ['replay without transcript', { provider: 'replay' as const }, 'model.transcript'],
  ])('%s: the first request says what to set', async (_, input, words) => {
    const model = createModel({ config: modelConfig(input), apiKey: '', clock: wallClock });
    const error = await failureOf(model);
    expect(error.kind).toBe('notConfigured');
    expect(error.message).toContain(words);
  });
});
