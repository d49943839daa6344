import { notifications, requests, type ThreadItem, wordsOf } from '@goald/protocol';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { QUICK } from '../../helpers/goal-setup.js';
import { says, sequence } from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM, input, Latch, runs } from '../api/support/scripts.js';
import { refused, userTexts } from '../people/support/people.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start(QUICK);
});
afterAll(() => world[Symbol.asyncDispose]());

async function idle({ threadId }: Place): Promise<void> {
  await eventually('the thread is idle', async () => {
    const { thread } = await world.ws.request(requests.threadRead, { threadId });
    return thread.status.type === 'idle';
  });
}

async function say(place: Place, text: string): Promise<string> {
  const asked = { threadId: place.threadId, input: input(text) };
  const { turn } = await world.ws.request(requests.turnStart, asked);
  await idle(place);
  return turn.id;
}

async function items(
  threadId: string,
  params: { sortDirection?: 'asc' | 'desc'; limit?: number; cursor?: string } = {},
): Promise<ThreadItem[]> {
  const { data } = await world.ws.request(requests.threadItemsList, {
    threadId,
    sortDirection: 'asc',
    ...params,
  });
  return data.map(({ item }) => item);
}

const textOf = (item: ThreadItem): string =>
  item.type === 'userMessage'
    ? wordsOf(item.content)
    : item.type === 'agentMessage'
      ? item.text
      : item.type;

describe('thread/items', () => {
  it('are listed page by page, both ways, of a thread or of a turn, and read by their ids', async () => {
    const place = await world.place(sequence(says('one'), says('two')));
    const { threadId } = place;
    const first = await say(place, 'first');
    await say(place, 'second');
    const all = await items(threadId);
    expect(all.map(textOf)).toEqual(['first', 'one', 'second', 'two']);
    const newest = await world.ws.request(requests.threadItemsList, { threadId, limit: 3 });
    expect(newest.data.map(({ item }) => textOf(item))).toEqual(['two', 'second', 'one']);
    const cursor = newest.nextCursor;
    const rest = await world.ws.request(requests.threadItemsList, { threadId, limit: 3, cursor });
    expect(rest.data.map(({ item }) => textOf(item))).toEqual(['first']);
    expect(rest.nextCursor).toBeNull();
    const back = await items(threadId, { cursor: newest.backwardsCursor ?? '' });
    expect(back.map(textOf)).toEqual(['two']);
    const behind = await world.ws.request(requests.threadItemsList, {
      threadId,
      sortDirection: 'asc',
      cursor: { type: 'item', itemId: all[1]?.id ?? '' },
    });
    expect(behind.data.map(({ item }) => textOf(item))).toEqual(['second', 'two']);
    const ofTurn = await world.ws.request(requests.threadItemsList, { threadId, turnId: first });
    expect(ofTurn.data.map(({ turnId }) => turnId)).toEqual([first, first]);
    const itemIds = [all[1]?.id ?? '', 'nobody', all[3]?.id ?? ''];
    const read = await world.ws.request(requests.threadItemsRead, {
      threadId,
      turnId: first,
      itemIds,
    });
    expect(read.data.map(({ item }) => textOf(item))).toEqual(['one']);
  });

  it('of an item or a cursor that is not there: an error that says so', async () => {
    const { threadId } = await world.place(() => CLAIM);
    const anchor = { type: 'item' as const, itemId: 'nobody' };
    for (const cursor of [anchor, 'nonsense']) {
      const asked = world.ws.request(requests.threadItemsList, { threadId, cursor });
      expect(await refused(asked)).toMatchObject({ code: 'invalid_params' });
    }
  });
});

describe('thread/fork', () => {
  it('goes on from the history of another thread, which stays as it is', async () => {
    const place = await world.place(sequence(says('one'), says('two'), says('forked')));
    await say(place, 'first');
    await say(place, 'second');
    const before = await items(place.threadId);
    const { thread } = await world.ws.request(requests.threadFork, { threadId: place.threadId });
    expect(thread).toMatchObject({
      forkedFromId: place.threadId,
      cwd: place.repository,
      preview: 'first',
      status: { type: 'idle' },
    });
    expect(thread.turns.flatMap((turn) => turn.items.map(textOf))).toEqual(before.map(textOf));
    const goal = await world.ws.request(requests.threadGoalGet, { threadId: thread.id });
    expect(goal.goal).toBeNull();

    world.answer(thread.id, says('forked'));
    await world.ws.request(requests.turnStart, { threadId: thread.id, input: input('third') });
    await idle({ ...place, threadId: thread.id });
    expect((await items(thread.id)).map(textOf)).toEqual([
      ...['first', 'one', 'second', 'two'],
      ...['third', 'forked'],
    ]);
    expect(userTexts(world.model.requests.at(-1))).toEqual(['first', 'second', 'third']);
    expect(await items(place.threadId)).toEqual(before);
  });

  it('up to a turn, or before one; without turns in the answer when asked', async () => {
    const place = await world.place(sequence(says('one'), says('two')));
    const { threadId } = place;
    const first = await say(place, 'first');
    const second = await say(place, 'second');
    const upTo = await world.ws.request(requests.threadFork, { threadId, lastTurnId: first });
    const before = await world.ws.request(requests.threadFork, {
      threadId,
      beforeTurnId: second,
      excludeTurns: true,
    });
    expect(before.thread.turns).toEqual([]);
    for (const { thread } of [upTo, before]) {
      expect((await items(thread.id)).map(textOf)).toEqual(['first', 'one']);
    }
    const asked = world.ws.request(requests.threadFork, { threadId, lastTurnId: 'nobody' });
    expect(await refused(asked)).toMatchObject({ code: 'turn_not_found' });
  });

  it('leaves out the turn in flight and the goal it works on', async () => {
    const latch = new Latch();
    const place = await world.place(() => latch.thenReply(CLAIM));
    await place.setGoal({ objective: 'Do it.' });
    const { thread } = await world.ws.request(requests.threadFork, { threadId: place.threadId });
    expect(thread.turns).toEqual([]);
    latch.open();
    await place.stopped();
    expect(thread.status).toEqual({ type: 'idle' });
  });
});

describe('thread/compact/start', () => {
  it('compacts in a turn of its own what the model reads, and leaves what clients read', async () => {
    const place = await world.place(sequence(says('one'), says('A summary.'), says('two')));
    await say(place, 'first');
    await world.ws.request(requests.threadCompactStart, { threadId: place.threadId });
    await idle(place);
    expect((await items(place.threadId)).map(textOf)).toEqual([
      'first',
      'one',
      'contextCompaction',
    ]);
    await say(place, 'second');
    expect(JSON.stringify(place.asked().at(-1)?.body['input'])).toContain('A summary.');
  });

  it('of a thread with nothing in it changes nothing, and asks no model', async () => {
    const place = await world.place(() => CLAIM);
    await world.ws.request(requests.threadCompactStart, { threadId: place.threadId });
    await idle(place);
    expect((await items(place.threadId)).map(textOf)).toEqual(['contextCompaction']);
    expect(place.asked()).toEqual([]);
  });

  it('of a turn in flight comes before its next request', async () => {
    const latch = new Latch();
    const place = await world.place(
      sequence(() => latch.thenReply(runs('true')), says('A summary.'), CLAIM),
    );
    await place.setGoal({ objective: 'Do it.' });
    await eventually('the model is asked', () => place.asked().length > 0);
    await world.ws.request(requests.threadCompactStart, { threadId: place.threadId });
    latch.open();
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect((await items(place.threadId)).map(({ type }) => type)).toContain('contextCompaction');
  });
});

describe('thread/shellCommand', () => {
  it('runs what the user typed and tells the model of it with the next input', async () => {
    const place = await world.place(sequence(says('seen')));
    const { threadId } = place;
    const command = 'echo out; echo mine > typed.txt; exit 3';
    await world.ws.request(requests.threadShellCommand, { threadId, command });
    await idle(place);
    expect(await items(threadId)).toMatchObject([
      {
        type: 'commandExecution',
        source: 'userShell',
        command: `bash -c '${command}'`,
        commandActions: [{ type: 'unknown', command }],
        status: 'failed',
        exitCode: 3,
        aggregatedOutput: 'out\n',
      },
    ]);
    await say(place, 'what happened?');
    const [ran, said] = userTexts(place.asked().at(-1));
    expect(ran).toContain(`$ ${command}\nexit code 3\nout`);
    expect(said).toBe('what happened?');
  });

  it('is ended by an interrupt and waits for no model, and so is what runs beside it', async () => {
    const place = await world.place(() => CLAIM);
    const { threadId } = place;
    await world.ws.request(requests.threadShellCommand, { threadId, command: 'sleep 60' });
    await world.ws.request(requests.threadShellCommand, { threadId, command: 'sleep 61' });
    await eventually('both run', async () => (await items(threadId)).length === 2);
    const { data } = await world.ws.request(requests.threadTurnsList, { threadId });
    expect(data).toHaveLength(1);
    await world.ws.request(requests.turnInterrupt, { threadId, turnId: data[0]?.id ?? '' });
    await idle(place);
    expect(await items(threadId)).toMatchObject([{ status: 'failed' }, { status: 'failed' }]);
    expect(place.asked()).toEqual([]);
  });

  it('runs beside a turn in flight, whose next request tells of it', async () => {
    const latch = new Latch();
    const place = await world.place(sequence(() => latch.thenReply(runs('true')), CLAIM));
    const { threadId } = place;
    await place.setGoal({ objective: 'Do it.' });
    await eventually('the model is asked', () => place.asked().length > 0);
    await world.ws.request(requests.threadShellCommand, { threadId, command: 'echo looked' });
    await eventually('it ran', async () =>
      (await items(threadId)).some(
        (item) => item.type === 'commandExecution' && item.aggregatedOutput === 'looked\n',
      ),
    );
    expect(place.asked()).toHaveLength(1);
    latch.open();
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect(userTexts(place.asked().at(-1)).join()).toContain('$ echo looked\nexit code 0\nlooked');
  });

  it('holds the turn beside which it runs until it is done', async () => {
    const latch = new Latch();
    const place = await world.place(sequence(() => latch.thenReply(says('Done.'))));
    const { threadId, repository } = place;
    await world.ws.request(requests.turnStart, { threadId, input: input('Go.') });
    await eventually('the model is asked', () => place.asked().length > 0);
    const command = 'until test -e go.txt; do sleep 0.05; done; echo went';
    await world.ws.request(requests.threadShellCommand, { threadId, command });
    latch.open();
    await eventually('the answer is there', async () =>
      (await items(threadId)).map(textOf).includes('Done.'),
    );
    const { thread } = await world.ws.request(requests.threadRead, { threadId });
    expect(thread.status.type).toBe('active');
    await writeFile(join(repository, 'go.txt'), '');
    await idle(place);
    const ran = (await items(threadId)).find(({ type }) => type === 'commandExecution');
    expect(ran).toMatchObject({ status: 'completed', aggregatedOutput: 'went\n' });
  });

  it('is nothing that an automatic origin may ask for', async () => {
    const { threadId } = await world.place(() => CLAIM);
    const origin = 'automatic' as const;
    const asked = world.ws.request(requests.threadShellCommand, {
      threadId,
      command: 'id',
      origin,
    });
    expect(await refused(asked)).toMatchObject({ code: 'policy_refused' });
  });
});

describe('review/start', () => {
  it('asks the agent to review what is named and to change nothing, in a turn of the thread', async () => {
    const place = await world.place(sequence(says('No findings.'), says('None.')));
    const { threadId } = place;
    const review = await world.ws.request(requests.reviewStart, {
      threadId,
      target: { type: 'uncommittedChanges' },
      delivery: 'inline',
    });
    expect(review).toMatchObject({ reviewThreadId: threadId, turn: { status: 'inProgress' } });
    await idle(place);
    expect(userTexts(place.asked().at(-1)).at(-1)).toMatch(/not committed[\s\S]*Change no file/u);
    expect((await items(threadId)).map(textOf).at(-1)).toBe('No findings.');
    const target = { type: 'commit' as const, sha: 'a1b2c3d', title: 'Fix the parser' };
    await world.ws.request(requests.reviewStart, { threadId, target });
    await idle(place);
    expect(userTexts(place.asked().at(-1)).at(-1)).toContain('commit a1b2c3d (Fix the parser)');
  });

  it('is nothing that an automatic origin may ask for', async () => {
    const { threadId } = await world.place(() => CLAIM);
    const target = { type: 'custom' as const, instructions: 'a.txt' };
    const asked = { threadId, target, origin: 'automatic' as const };
    expect(await refused(world.ws.request(requests.reviewStart, asked))).toMatchObject({
      code: 'policy_refused',
    });
  });
});

describe('settings', () => {
  it('of a thread change what its next turns work with, and its clients are told', async () => {
    const place = await world.place(sequence(says('one')));
    const { threadId } = place;
    await world.ws.request(requests.threadSettingsUpdate, { threadId, model: 'another-model' });
    const told = await world.ws.until(
      notifications.threadSettingsUpdated,
      (news) => news.threadId === threadId,
    );
    expect(told.threadSettings).toMatchObject({ model: 'another-model' });
    await say(place, 'hello');
    expect(place.asked().at(-1)?.body['model']).toBe('another-model');
  });

  it('of a turn in flight count from its next request on; of another turn they are unavailable', async () => {
    const latch = new Latch();
    const place = await world.place(sequence(() => latch.thenReply(runs('true')), CLAIM));
    const { threadId } = place;
    await place.setGoal({ objective: 'Do it.' });
    await eventually('the model is asked', () => place.asked().length > 0);
    const { data } = await world.ws.request(requests.threadTurnsList, { threadId });
    const turnId = data[0]?.id ?? '';
    const update = { threadId, turnId, model: 'midway' };
    const { status } = await world.ws.request(requests.turnSettingsUpdate, update);
    expect(status).toBe('applied');
    latch.open();
    await place.stopped();
    await idle(place);
    expect(place.asked().map(({ body }) => body['model'])).toEqual([expect.anything(), 'midway']);
    expect(await world.ws.request(requests.turnSettingsUpdate, update)).toEqual({
      status: 'targetUnavailable',
    });
  });
});

describe('command/exec', () => {
  const exec = async (
    command: string[],
    cwd: string,
  ): Promise<{ exitCode: number; stdout: string }> =>
    world.ws.request(requests.commandExec, { command, cwd });

  it('reads a repository with git', async () => {
    const { repository } = await world.place(() => CLAIM);
    await appendFile(join(repository, 'a.txt'), 'two\n');
    const diff = await exec(['git', '-c', 'core.fsmonitor=false', 'diff'], repository);
    expect(diff).toMatchObject({ exitCode: 0 });
    expect(diff.stdout).toContain('+two');
    const none = await exec(['git', 'config', '--get', 'no.such'], repository);
    expect(none).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('runs nothing that a repository has put into its configuration', async () => {
    const { repository } = await world.place(() => CLAIM);
    const mark = join(repository, 'ran.txt');
    const program = join(repository, 'evil.sh');
    await writeFile(program, `#!/bin/sh\necho ran >> ${mark}\n`, { mode: 0o755 });
    await appendFile(
      join(repository, '.git/config'),
      `[diff]\n\texternal = ${program}\n[core]\n\tfsmonitor = ${program}\n\tpager = ${program}\n`,
    );
    await appendFile(join(repository, 'a.txt'), 'two\n');
    await exec(['git', 'diff'], repository);
    await exec(['git', 'status', '--short'], repository);
    const { stdout } = await exec(['git', 'ls-files', '--others'], repository);
    expect(stdout).not.toContain('ran.txt');
  });

  it.each([
    [['sh', '-c', 'id']],
    [['git', 'commit', '-m', 'x']],
    [['git', 'config', 'core.pager', 'evil']],
    [['git', '-c', 'diff.external=evil', 'diff']],
    [['git', '-C', '/', 'diff']],
    [['git', 'diff', '--output=/tmp/x']],
    [['git', 'diff', '--outp=/tmp/x']],
    [['git', 'diff', '--ext-diff']],
    [['git', 'log', '--ext']],
    [['git', 'cat-file', '--filters', 'HEAD:a.txt']],
    [['git']],
  ])('refuses %j', async (command) => {
    const { repository } = await world.place(() => CLAIM);
    expect(await refused(exec(command, repository))).toMatchObject({ code: 'policy_refused' });
  });

  it('has no terminals', async () => {
    const asked = { command: ['git', 'diff'], tty: true };
    expect(await refused(world.ws.request(requests.commandExec, asked))).toMatchObject({
      code: 'feature_disabled',
    });
  });
});
