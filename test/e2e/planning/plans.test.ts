import { notifications, requests } from '@goald/protocol';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUICK } from '../../helpers/goal-setup.js';
import { calls, says, sequence, toolCall } from '../../helpers/model-server/index.js';
import { readResponsesBody } from '../../helpers/model-server/read-request.js';
import { eventually } from '../../helpers/eventually.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { input, runs } from '../api/support/scripts.js';
import { outputs, steeringOf } from '../people/support/people.js';
import { itemsOf, mode, say, setMode, type Seen } from './support.js';

// Turns of a thread in plan mode: they look and propose, and change nothing.

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start(QUICK);
});
afterAll(() => world[Symbol.asyncDispose]());

const seen = ({ threadId }: Place): Seen => ({ client: world.ws, threadId });
const PLAN = '# Rename\n\n1. a.txt becomes b.txt\n';
const PROPOSAL = `I looked.\n<proposed_plan>\n${PLAN}</proposed_plan>\nThat is all.`;
const PATCH = '*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch';

describe('a plan', () => {
  it('is an item of its own beside the message, while it streams and afterwards', async () => {
    const place = await world.place(sequence(says(PROPOSAL), says('Done.')));
    const { threadId } = place;
    const turnId = await say(seen(place), 'Plan a rename', mode('plan'));
    const heard = world.ws.log.filter(({ params }) => params['turnId'] === turnId);
    const told = heard.flatMap(({ method, params }) => {
      const item = params['item'] as { type: string; id: string; text?: string } | undefined;
      return item?.type === 'userMessage' ? [] : [{ method, item, delta: params['delta'] }];
    });
    const of = (method: string, type: string) =>
      told.filter((one) => one.method === method && one.item?.type === type);
    const [begun] = of(notifications.itemStarted.method, 'plan');
    const [done] = of(notifications.itemCompleted.method, 'plan');
    const [message] = of(notifications.itemCompleted.method, 'agentMessage');
    expect(begun?.item).toMatchObject({ text: '' });
    expect(done?.item).toMatchObject({ id: begun?.item?.id, text: PLAN });
    expect(message?.item).toMatchObject({ text: 'I looked.\nThat is all.' });
    const streamed = (name: string): string =>
      told.flatMap(({ method, delta }) => (method === name ? [String(delta)] : [])).join('');
    expect(streamed(notifications.planDelta.method)).toBe(PLAN);
    expect(streamed(notifications.agentMessageDelta.method)).toBe('I looked.\nThat is all.');
    const items = await itemsOf(seen(place), turnId);
    expect(items.map(({ type }) => type)).toEqual(['userMessage', 'agentMessage', 'plan']);
    expect(items[2]).toMatchObject({ text: PLAN });

    await say(seen(place), 'Implement the plan.', mode('default'));
    const { input: history } = readResponsesBody(place.asked().at(-1)?.body ?? {});
    expect(history).toContainEqual({ type: 'message', role: 'assistant', text: PROPOSAL });
    expect(steeringOf(place.asked()[0])).toContain('<proposed_plan>');
    expect(steeringOf(place.asked()[1])).toBe('');
    const { data } = await world.ws.request(requests.goalEventsList, { threadId });
    expect(data.map((event) => event.data['itemType'])).toContain('plan');
  });

  it('alone has no message beside it, and the model reads it again', async () => {
    const alone = `\n<proposed_plan>\n${PLAN}</proposed_plan>\n`;
    const place = await world.place(sequence(says(alone), says('Which one?')));
    const turnId = await say(seen(place), 'Plan a rename', mode('plan'));
    const types = (await itemsOf(seen(place), turnId)).map(({ type }) => type);
    expect(types).toEqual(['userMessage', 'plan']);
    const next = await say(seen(place), 'Another way?');
    const last = (await itemsOf(seen(place), next)).at(-1);
    expect(last).toMatchObject({ type: 'agentMessage', text: 'Which one?' });
    const { input: history } = readResponsesBody(place.asked().at(-1)?.body ?? {});
    expect(history).toContainEqual({ type: 'message', role: 'assistant', text: alone });
  });

  it('that is interrupted stays with what came of it', async () => {
    const long = `<proposed_plan>\n${'- another step\n'.repeat(200)}`;
    const place = await world.place(sequence({ ...says(long), pieceDelayMs: 50 }, says('Again.')));
    const { threadId } = place;
    const { turn } = await world.ws.request(requests.turnStart, {
      threadId,
      input: input('Plan'),
      collaborationMode: mode('plan'),
    });
    await world.ws.until(notifications.planDelta, ({ turnId }) => turnId === turn.id);
    await world.ws.request(requests.turnInterrupt, { threadId, turnId: turn.id });
    await world.ws.until(notifications.turnCompleted, (params) => params.turn.id === turn.id);
    const plan = (await itemsOf(seen(place), turn.id)).at(-1);
    expect(plan).toMatchObject({ type: 'plan' });
    const kept = plan?.type === 'plan' ? plan.text : '';
    expect(kept).toMatch(/^- anoth/u);
    expect(kept.length).toBeLessThan(long.length / 2);
    await say(seen(place), 'Go on');
    const { input: history } = readResponsesBody(place.asked().at(-1)?.body ?? {});
    const said = history.find((item) => item.type === 'message' && item.role === 'assistant');
    expect(said?.type === 'message' ? said.text : '').toMatch(/^<proposed_plan>\n- anoth/u);
  });

  it('in a turn that works is nothing but words', async () => {
    const place = await world.place(() => says(PROPOSAL));
    const turnId = await say(seen(place), 'Say it');
    expect((await itemsOf(seen(place), turnId)).at(-1)).toMatchObject({
      type: 'agentMessage',
      text: PROPOSAL,
    });
  });
});

describe('a planning turn', () => {
  it('changes nothing, whatever the model calls, and is offered what every turn is', async () => {
    const tools = calls(
      toolCall('shell', { command: 'touch made.txt' }),
      toolCall('apply_patch', { patch: PATCH }),
      toolCall('update_plan', { steps: [{ step: 'a', status: 'completed' }] }),
      toolCall('shell', { command: 'cat a.txt' }),
      toolCall('read_file', { path: 'a.txt' }),
      toolCall('shell', { command: 'sleep 60', background: true }),
    );
    const place = await world.place(sequence(tools, says('Looked.'), says('Working.')));
    const turnId = await say(seen(place), 'Change it', mode('plan'));
    expect(existsSync(join(place.repository, 'made.txt'))).toBe(false);
    expect(readFileSync(join(place.repository, 'a.txt'), 'utf8')).toBe('one\n');
    const [touch, patch, plan, cat, read, background] = outputs(place.asked()[1]);
    expect(touch).toMatch(/Read-only file system|Not run: the user is planning/u);
    expect(patch).toContain('nothing is changed until they have agreed');
    expect(plan).toContain('Not run: this is a planning turn');
    expect(cat).toContain('one');
    expect(read).toContain('one');
    expect(background).toMatch(/belongs to an active goal|Not run: the user is planning/u);
    const items = await itemsOf(seen(place), turnId);
    expect(items.find(({ type }) => type === 'fileChange')).toMatchObject({ status: 'declined' });
    const heard = world.ws.all(notifications.turnPlanUpdated);
    expect(heard.filter((params) => params.turnId === turnId)).toEqual([]);

    await say(seen(place), 'Go', mode('default'));
    const offered = place.asked().map(({ body }) => JSON.stringify(body['tools']));
    expect(new Set(offered).size).toBe(1);
    const [first] = place.asked();
    expect(place.asked().at(-1)?.body['instructions']).toBe(first?.body['instructions']);
  });

  it('asks nobody for leave to change something', async () => {
    await using person = await world.person();
    const script = sequence(calls(toolCall('apply_patch', { patch: PATCH })), says('Then not.'));
    const place = await world.place(script, { client: person });
    const { threadId } = place;
    await person.request(requests.threadSettingsUpdate, { threadId, approvalPolicy: 'untrusted' });
    await say({ client: person, threadId }, 'Change it', mode('plan'));
    expect(person.asked).toEqual([]);
    expect(outputs(place.asked()[1])[0]).toContain('Not run: the user is planning');
    expect(readFileSync(join(place.repository, 'a.txt'), 'utf8')).toBe('one\n');
  });

  it('works again once the mode is Default: the answer to a plan changes files', async () => {
    const script = sequence(says(PROPOSAL), runs('touch made.txt'), says('Made.'));
    const place = await world.place(script);
    await say(seen(place), 'Plan', mode('plan'));
    await say(seen(place), 'Implement the plan.', mode('default'));
    expect(existsSync(join(place.repository, 'made.txt'))).toBe(true);
  });

  it('goes by the words of a client that brings its own', async () => {
    const place = await world.place(() => says('Yes.'));
    await say(seen(place), 'One', mode('plan', 'Plan in rhymes.'));
    await say(seen(place), 'Two', mode('default', 'Work in haste.'));
    await say(seen(place), 'Three', mode('default'));
    const [one, two, three] = place.asked();
    expect(steeringOf(one)).toBe('Plan in rhymes.');
    expect(String(one?.body['instructions'])).not.toContain('rhymes');
    expect(String(two?.body['instructions'])).toContain('Work in haste.');
    expect(steeringOf(two)).toBe('');
    expect(String(three?.body['instructions'])).not.toContain('haste');
  });

  it('leaves alone what a person runs in the thread themselves', async () => {
    const place = await world.place(() => says('Yes.'));
    const { threadId } = place;
    await setMode(seen(place), 'plan');
    const command = 'touch by-hand.txt';
    await world.ws.request(requests.threadShellCommand, { threadId, command });
    await eventually('the command ran', () => existsSync(join(place.repository, 'by-hand.txt')));
  });
});
