import { describe, expect, it } from 'vitest';
import { historyProgress } from '../../helpers/model-server/progress.js';
import {
  byProgress,
  says,
  sequence,
  startModelServer,
  toolCall,
} from '../../helpers/model-server/index.js';
import type { InputItem } from '../../helpers/model-server/index.js';

const said = [
  { text: 'Looking.', callIds: ['a', 'b'] },
  { text: 'I talk.', callIds: [] },
  { text: '', callIds: ['c'] },
];
const assistant = (text: string): InputItem => ({ type: 'message', role: 'assistant', text });
const call = (callId: string): InputItem => ({ type: 'call', callId, name: 'x', arguments: '{}' });
const output = (callId: string): InputItem => ({ type: 'output', callId, output: `of ${callId}` });

describe('the progress the scripted model sees', () => {
  it('counts a response once, however its calls and outputs are mixed', () => {
    const input = [assistant('Looking.'), call('a'), output('a'), call('b'), output('b')];
    expect(historyProgress(input, said)).toEqual({
      progress: 1,
      lastToolOutputs: ['of a', 'of b'],
    });
  });

  it('counts talk and calls that stand side by side as two', () => {
    const input = [assistant('I talk.'), assistant('I talk.'), call('c'), output('c')];
    expect(historyProgress(input, said)).toEqual({ progress: 3, lastToolOutputs: ['of c'] });
  });

  it('does not count text that was cut off in mid-stream', () => {
    expect(historyProgress([assistant('I ta')], said)).toEqual({
      progress: 0,
      lastToolOutputs: [],
    });
  });
});

describe('the scripted model server', () => {
  const post = async (url: string, input: object[] = []): Promise<string> => {
    const body = JSON.stringify({ model: 'm', input });
    return (await fetch(`${url}/responses`, { method: 'POST', body })).text();
  };

  it('bills every response it began, and knows which figures arrived', async () => {
    await using server = await startModelServer({
      script: sequence(
        { text: 'Hi', usage: { input: 10, output: 2 } },
        { text: 'Hi', usage: { input: 20, output: 3 }, fault: { kind: 'cut', afterBytes: 300 } },
        { fault: { kind: 'status', status: 500 } },
      ),
    });
    await post(server.url);
    await expect(post(server.url)).rejects.toThrow();
    await post(server.url);
    expect(server.bill().lines.map((line) => [line.id, line.told])).toEqual([
      ['r0', true],
      ['r1', false],
    ]);
    expect(server.bill().total).toMatchObject({ input: 30, output: 5 });
    expect(server.bill().told).toMatchObject({ input: 10, output: 2 });
  });

  it('answers a request that is made again with the same reply', async () => {
    await using server = await startModelServer({
      script: byProgress({ toolCalls: [toolCall('x', {})] }, says('over')),
    });
    const first = await post(server.url);
    expect(await post(server.url)).toContain('"function_call"');
    const callId = /"call_id":"([^"]+)"/.exec(first)?.[1] ?? '';
    const input = [{ type: 'function_call', call_id: callId, name: 'x', arguments: '{}' }];
    expect(await post(server.url, input)).toContain('over');
  });

  it('counts a shared prefix as cached input', async () => {
    await using server = await startModelServer({ script: () => says('Hi') });
    const long = { type: 'message', role: 'user', content: 'long '.repeat(400) };
    await post(server.url, [long]);
    await post(server.url, [long, { type: 'message', role: 'user', content: 'more' }]);
    const [one, two] = server.bill().lines;
    expect(one?.usage.cachedInput).toBe(0);
    expect(two?.usage.cachedInput).toBeGreaterThan(256);
  });

  it('refuses what goes beyond the script, and lists a model', async () => {
    await using server = await startModelServer({ script: sequence() });
    expect(await post(server.url)).toContain('the script has 0 replies');
    const models = await fetch(`${server.url}/models`);
    expect(await models.json()).toMatchObject({ data: [{ id: 'scripted' }] });
  });
});
