import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { says } from '../../helpers/model-server/index.js';
import { ApiWorld } from './support/api-world.js';
import { chat, emptyFolder } from './support/chat.js';
import { input, runs } from './support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('thread/start', () => {
  it('answers a thread with the settings in force, after it every client hears of it', async () => {
    const cwd = await emptyFolder(world, 'start');
    const started = await world.unix.request(requests.threadStart, { cwd });
    expect(started).toMatchObject({
      cwd,
      approvalPolicy: 'never',
      sandbox: {
        type: 'workspaceWrite',
        writableRoots: [],
        networkAccess: false,
        excludeTmpdirEnvVar: true,
        excludeSlashTmp: true,
      },
      sandboxNotice: null,
      model: 'gpt-5.1-codex',
      thread: { cwd, name: null, status: { type: 'idle' }, turns: [], originator: 'on-unix' },
    });
    const isIt = (params: { thread: { id: string } }): boolean =>
      params.thread.id === started.thread.id;
    await world.ws.until(notifications.threadStarted, isIt);
    await world.unix.until(notifications.threadStarted, isIt);
    const order = world.unix.log.map(({ method }) => method);
    expect(order.lastIndexOf(`response:${requests.threadStart.method}`)).toBeLessThan(
      order.lastIndexOf(notifications.threadStarted.method),
    );
  });

  it('names the instruction files the agent will read', async () => {
    const place = await world.place(() => says('Yes.'), { files: { 'AGENTS.md': 'Be brief.\n' } });
    const resumed = await world.ws.request(requests.threadResume, { threadId: place.threadId });
    expect(resumed.instructionSources).toEqual([`${place.repository}/AGENTS.md`]);
    expect(resumed.thread.gitInfo).toMatchObject({ branch: 'main' });
  });

  it('refuses a folder that is not there, a relative one and a file, and says why', async () => {
    const start = (cwd: string): Promise<unknown> =>
      world.ws.request(requests.threadStart, { cwd });
    for (const cwd of [world.path('nowhere'), 'relative', `${world.home}/config.json`]) {
      await expect(start(cwd)).rejects.toMatchObject({
        rpcCode: -32602,
        data: { code: 'invalid_params', issues: [{ path: ['cwd'] }] },
      });
      await expect(start(cwd)).rejects.toThrow(cwd);
    }
  });

  it('makes one thread for one idempotencyKey', async () => {
    const cwd = await emptyFolder(world, 'once');
    const start = { cwd, idempotencyKey: 'start-once' };
    const first = await world.ws.request(requests.threadStart, start);
    const second = await world.unix.request(requests.threadStart, start);
    expect(second.thread.id).toBe(first.thread.id);
    const { data } = await world.ws.request(requests.threadList, { cwd });
    expect(data).toHaveLength(1);
  });
});

describe('an unknown thread', () => {
  const threadId = 'no-such-thread';
  it.each([
    ['threadResume', { threadId }],
    ['threadRead', { threadId }],
    ['threadTurnsList', { threadId }],
    ['threadNameSet', { threadId, name: 'x' }],
    ['threadArchive', { threadId }],
    ['threadUnarchive', { threadId }],
    ['threadDelete', { threadId }],
    ['turnStart', { threadId, input: input('Hello.') }],
    ['turnSteer', { threadId, input: input('Hello.'), expectedTurnId: 't' }],
    ['turnInterrupt', { threadId, turnId: 't' }],
    ['threadGoalGet', { threadId }],
    ['threadGoalSet', { threadId, objective: 'Do it.' }],
    ['threadGoalPause', { threadId }],
    ['threadGoalResume', { threadId }],
    ['threadGoalClear', { threadId }],
    ['goalWait', { threadId }],
    ['goalReport', { threadId }],
    ['goalUsage', { threadId }],
  ] as const)('is thread_not_found for %s', async (name, params) => {
    const message = requests[name];
    await expect(world.ws.request(message, params as never)).rejects.toMatchObject({
      rpcCode: -32600,
      data: { code: 'thread_not_found' },
    });
  });

  it('is notLoaded for thread/unsubscribe', async () => {
    expect(await world.ws.request(requests.threadUnsubscribe, { threadId })).toEqual({
      status: 'notLoaded',
    });
  });
});

describe('thread/resume and thread/read', () => {
  it('answer the whole history; resume subscribes, read does not', async () => {
    const place = await world.place(() => says('Fine, thanks.'));
    await chat(world.ws, place.threadId, 'How are you?');
    await using other = await world.another();
    const { threadId } = place;
    const read = await other.request(requests.threadRead, { threadId, includeTurns: true });
    expect(read.thread.turns).toHaveLength(1);
    expect(read.thread.turns[0]).toMatchObject({
      status: 'completed',
      itemsView: 'full',
      items: [
        { type: 'userMessage', content: [{ type: 'text', text: 'How are you?' }] },
        { type: 'agentMessage', text: 'Fine, thanks.' },
      ],
    });
    expect(read.thread.preview).toBe('How are you?');
    await chat(world.ws, threadId, 'Really?');
    expect(other.all(notifications.turnStarted)).toEqual([]);
    const bare = await other.request(requests.threadRead, { threadId });
    expect(bare.thread.turns).toEqual([]);

    const resumed = await other.request(requests.threadResume, { threadId });
    expect(resumed.thread.turns.map((turn) => turn.items.length)).toEqual([2, 2]);
    expect(resumed.initialTurnsPage).toBeNull();
    await chat(world.ws, threadId, 'And now?');
    await other.until(notifications.turnCompleted, (params) => params.threadId === threadId);
    expect(other.all(notifications.itemCompleted).map(({ item }) => item.type)).toEqual([
      'userMessage',
      'agentMessage',
    ]);
  });

  it('resume leaves turns out and pages them when asked', async () => {
    const place = await world.place(() => says('Yes.'));
    const { threadId } = place;
    const ids = [
      await chat(world.ws, threadId, 'One?'),
      await chat(world.ws, threadId, 'Two?'),
      await chat(world.ws, threadId, 'Three?'),
    ];
    const resumed = await world.unix.request(requests.threadResume, {
      threadId,
      excludeTurns: true,
      initialTurnsPage: { limit: 2, sortDirection: 'desc', itemsView: 'full' },
    });
    expect(resumed.thread.turns).toEqual([]);
    const page = resumed.initialTurnsPage;
    expect(page?.data.map((turn) => turn.id)).toEqual([ids[2], ids[1]]);
    const rest = await world.unix.request(requests.threadTurnsList, {
      threadId,
      cursor: page?.nextCursor ?? expect.unreachable(),
    });
    expect(rest.data.map((turn) => turn.id)).toEqual([ids[0]]);
  });

  it('resume refuses what it cannot enforce and changes nothing then', async () => {
    const { threadId, repository } = await world.place(() => says('Yes.'));
    await expect(
      world.ws.request(requests.threadResume, { threadId, cwd: '/proc', sandbox: 'read-only' }),
    ).rejects.toMatchObject({ data: { code: 'sandbox_unavailable' } });
    const { thread } = await world.ws.request(requests.threadRead, { threadId });
    expect(thread.cwd).toBe(repository);
  });
});

describe('thread/turns/list', () => {
  it('pages both ways, and back from a backwardsCursor, without gap or repeat', async () => {
    const { threadId } = await world.place(() => says('Yes.'));
    const ids: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) ids.push(await chat(world.ws, threadId, `Turn ${String(n)}`));
    const list = (
      params: object,
    ): Promise<{
      data: { id: string }[];
      nextCursor: string | null;
      backwardsCursor: string | null;
    }> => world.unix.request(requests.threadTurnsList, { threadId, ...params });
    const walk = async (sortDirection: 'asc' | 'desc'): Promise<string[]> => {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await list({ sortDirection, limit: 2, cursor });
        seen.push(...page.data.map((turn) => turn.id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      return seen;
    };
    expect(await walk('asc')).toEqual(ids);
    expect(await walk('desc')).toEqual(ids.toReversed());

    const newest = await list({ limit: 2 });
    expect(newest.data.map((turn) => turn.id)).toEqual([ids[4], ids[3]]);
    const later = await chat(world.ws, threadId, 'Turn 6');
    const back = await list({ sortDirection: 'asc', cursor: newest.backwardsCursor });
    // The anchor comes again, then what is new.
    expect(back.data.map((turn) => turn.id)).toEqual([ids[4], later]);
  });

  it('shows no items, the words, or everything', async () => {
    let n = 0;
    const { threadId } = await world.place(() => {
      n += 1;
      return n === 1 ? { text: 'Looking.', ...runs('echo hi') } : says('It says hi.');
    });
    await chat(world.ws, threadId, 'What does it say?');
    const types = async (itemsView?: 'notLoaded' | 'summary' | 'full'): Promise<string[]> => {
      const page = await world.ws.request(requests.threadTurnsList, { threadId, itemsView });
      const turn = page.data[0] ?? expect.unreachable();
      expect(turn.itemsView).toBe(itemsView ?? 'summary');
      return turn.items.map((item) => item.type);
    };
    expect(await types('notLoaded')).toEqual([]);
    expect(await types('full')).toEqual([
      'userMessage',
      'agentMessage',
      'commandExecution',
      'agentMessage',
    ]);
    expect(await types('summary')).toEqual(['userMessage', 'agentMessage']);
    expect(await types()).toEqual(['userMessage', 'agentMessage']);
  });

  it('refuses a cursor that it did not make', async () => {
    const { threadId } = await world.place(() => says('Yes.'));
    for (const request of [
      world.ws.request(requests.threadTurnsList, { threadId, cursor: 'rubbish' }),
      world.ws.request(requests.threadList, { cursor: 'rubbish' }),
      world.ws.request(requests.goalList, { cursor: 'rubbish' }),
      world.ws.request(requests.threadLoadedList, { cursor: 'rubbish' }),
    ]) {
      await expect(request).rejects.toMatchObject({ data: { code: 'invalid_params' } });
    }
  });
});
