import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { calls, says, toolCall, type Script } from '../../helpers/model-server/index.js';
import {
  CLAIM,
  endsTold,
  eventsOf,
  goalOf,
  results,
  steps,
  toldWaiting,
  waiting,
  waits,
} from '../../helpers/waiting.js';
import { ApiWorld } from '../api/support/api-world.js';
import { placed } from './support/placed.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('a wait for a time', () => {
  it('ends the turn, asks the model nothing while it lasts, and begins the next turn with its end', async () => {
    let told: string[] = [];
    const place = await placed(
      world,
      steps(waits({ seconds: 1.5 }), (request) => {
        told = endsTold(request);
        return CLAIM;
      }),
    );
    const startedAtMs = Date.now();
    await place.setGoal({ objective: 'Wait.' });
    const goal = await toldWaiting(place);
    expect(goal).toMatchObject({ status: 'active', turnsUsed: 1 });
    expect(goal.waitingFor).toMatchObject({ kind: 'time', what: '1.5 s', processId: null });
    expect(goal.nextActionAtMs).toBe(goal.waitingFor?.untilMs);
    expect(goal.nextActionAtMs).toBeGreaterThanOrEqual(startedAtMs + 1500);
    expect(await place.stopped()).toMatchObject({
      status: 'complete',
      turnsUsed: 2,
      waitingFor: null,
    });
    const [first, second] = place.asked();
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1500);
    expect(place.asked()).toHaveLength(2);
    expect(told).toEqual([expect.stringMatching(/^The wait is over: .* s have passed\.$/)]);
    expect(await results(place)).toEqual(['elapsed']);
    expect(await eventsOf(place, 'wait.started')).toHaveLength(1);
  });

  it('shows its end as the first item of the next turn', async () => {
    const place = await placed(world, steps(waits({ seconds: 0.1 }), CLAIM));
    await place.setGoal({ objective: 'Wait.' });
    await place.stopped();
    const { threadId } = place;
    const { thread } = await world.ws.request(requests.threadRead, {
      threadId,
      includeTurns: true,
    });
    expect(thread.turns.map((turn) => turn.items[0])).toMatchObject([
      { type: 'dynamicToolCall', tool: 'wait', status: 'completed', success: true },
      {
        type: 'dynamicToolCall',
        tool: 'wait',
        arguments: { seconds: 0.1 },
        contentItems: [{ text: expect.stringMatching(/^The wait is over/) as string }],
      },
    ]);
  });

  it('answers every call of its response; a second wait and what comes after are for the next turn', async () => {
    let outputs: readonly string[] = [];
    const place = await placed(
      world,
      steps(
        calls(
          toolCall('wait', { seconds: 0.2 }),
          toolCall('wait', { seconds: 60 }),
          toolCall('shell', { command: 'echo never > never' }),
        ),
        (request) => {
          outputs = request.lastToolOutputs;
          return CLAIM;
        },
      ),
    );
    await place.setGoal({ objective: 'Wait.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
    expect(outputs).toEqual([
      expect.stringMatching(/^Waiting for 0\.2 s until /),
      expect.stringMatching(/waits for 0\.2 s already/),
      expect.stringMatching(/Not run/),
    ]);
    expect(await results(place)).toEqual(['elapsed']);
  });

  it('that cannot be is refused, and the turn goes on', async () => {
    let outputs: readonly string[] = [];
    const place = await placed(
      world,
      steps(
        calls(
          toolCall('wait', {}),
          toolCall('wait', { seconds: 100_000 }),
          toolCall('wait', { process_id: 7 }),
          toolCall('wait', { path: '../elsewhere' }),
          toolCall('wait', { seconds: -1 }),
        ),
        (request) => {
          outputs = request.lastToolOutputs;
          return CLAIM;
        },
      ),
    );
    await place.setGoal({ objective: 'Wait.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
    expect(outputs).toEqual([
      expect.stringMatching(/what to wait for/),
      expect.stringMatching(/86400 s at most/),
      expect.stringMatching(/no background process 7\. None runs/),
      expect.stringMatching(/out of the folder/),
      expect.stringMatching(/not valid/),
    ]);
    expect(await eventsOf(place, 'wait.started')).toEqual([]);
  });

  it('is refused in a turn that works on no goal', async () => {
    let outputs: readonly string[] = [];
    const place = await placed(
      world,
      steps(
        calls(
          toolCall('wait', { seconds: 1 }),
          toolCall('shell', { command: 'true', background: true }),
        ),
        (request) => {
          outputs = request.lastToolOutputs;
          return says('So be it.');
        },
      ),
    );
    const input = [{ type: 'text' as const, text: 'Wait.' }];
    await world.ws.request(requests.turnStart, { threadId: place.threadId, input });
    await eventually('the refusals', () => outputs.length === 2);
    expect(outputs[0]).toMatch(/only an active goal waits/);
    expect(outputs[1]).toMatch(/belongs to an active goal/);
  });
});

describe('a wait for a path', () => {
  it('lasts until the file changes, also when neither it nor its folder is there yet', async () => {
    const told: string[] = [];
    const remember = (request: Parameters<Script>[0]): void => {
      told.push(endsTold(request).at(-1) ?? '');
    };
    const place = await placed(
      world,
      steps(
        waits({ path: 'a.txt' }),
        (request) => {
          remember(request);
          return waits({ path: 'sub/new.txt' });
        },
        (request) => {
          remember(request);
          return CLAIM;
        },
      ),
    );
    await place.setGoal({ objective: 'Wait.' });
    const first = await waiting(place);
    expect(first.waitingFor).toMatchObject({
      kind: 'path',
      what: 'a.txt to change',
      path: join(place.repository, 'a.txt'),
    });
    await writeFile(join(place.repository, 'b.txt'), 'not this one');
    await writeFile(join(place.repository, 'a.txt'), 'changed');
    await eventually('the second wait', async () => {
      const { waitingFor, phase } = await goalOf(place);
      return phase === 'waiting' && waitingFor?.what === 'sub/new.txt to change';
    });
    expect(place.asked()).toHaveLength(2);
    await mkdir(join(place.repository, 'sub'));
    await writeFile(join(place.repository, 'sub', 'new.txt'), '');
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 3 });
    expect(told).toEqual([
      expect.stringMatching(/: a\.txt changed\.$/),
      expect.stringMatching(/: sub\/new\.txt changed\.$/),
    ]);
    expect(await results(place)).toEqual(['changed', 'changed']);
  });

  it('is over at once when the path changed while the model thought', async () => {
    let repository = '';
    let output = '';
    const place = await placed(world, async (request) => {
      if (request.progress > 0) {
        output = request.lastToolOutputs[0] ?? '';
        return CLAIM;
      }
      await writeFile(join(repository, 'a.txt'), 'changed meanwhile');
      return waits({ path: 'a.txt' });
    });
    ({ repository } = place);
    await place.setGoal({ objective: 'Wait.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
    expect(output).toMatch(/a\.txt changed\.$/);
    expect(await results(place)).toEqual(['changed']);
  });
});

describe('a user', () => {
  const input = [{ type: 'text' as const, text: 'How is it going?' }];

  it('who speaks ends the wait and is answered at once; the model may wait on in the same turn', async () => {
    let told: string[] = [];
    const place = await placed(
      world,
      steps(
        waits({ seconds: 3600 }),
        (request) => {
          told = endsTold(request);
          return { text: 'Well.', toolCalls: [toolCall('wait', { seconds: 3000 })] };
        },
        CLAIM,
      ),
    );
    await place.setGoal({ objective: 'Wait.' });
    await waiting(place);
    const { threadId } = place;
    const { turn } = await world.ws.request(requests.turnStart, { threadId, input });
    await world.ws.until(notifications.turnCompleted, (params) => params.turn.id === turn.id);
    expect(told).toEqual([expect.stringMatching(/cut short .* the user spoke/)]);
    const goal = await waiting(place);
    expect(goal.waitingFor?.what).toBe('50 min');
    expect(place.asked()).toHaveLength(2);
    expect(await results(place)).toEqual(['interrupted']);
  });

  it('who answers a finding ends the wait, and is heard at once', async () => {
    let heard = '';
    const blocker = { summary: 'Odd.', question: 'Is it meant?', severity: 'finding' };
    const place = await placed(
      world,
      steps(
        calls(toolCall('set_goal', { blocker }), toolCall('wait', { seconds: 3600 })),
        (request) => {
          heard = JSON.stringify(request.input);
          return CLAIM;
        },
      ),
    );
    await place.setGoal({ objective: 'Wait.' });
    await waiting(place);
    const { threadId } = place;
    await world.ws.request(requests.goalBlockerResolve, { threadId, answer: 'It is meant so.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
    expect(heard).toContain('It is meant so.');
    expect(heard).toContain('cut short');
    expect(await results(place)).toEqual(['interrupted']);
  });

  it('who edits the objective ends the wait; another budget alone leaves it as it is', async () => {
    const place = await placed(world, steps(waits({ seconds: 3600 }), CLAIM));
    await place.setGoal({ objective: 'Wait.' });
    const before = await waiting(place);
    await place.setGoal({ tokenBudget: 500_000 });
    await world.ws.request(requests.threadGoalResume, { threadId: place.threadId, addTurns: 5 });
    const after = await goalOf(place);
    expect(after).toMatchObject({ phase: 'waiting', tokenBudget: 500_000 });
    expect(after.waitingFor).toEqual(before.waitingFor);
    expect(after.nextActionAtMs).toBe(before.nextActionAtMs);
    expect(place.asked()).toHaveLength(1);
    await place.setGoal({ objective: 'Do not wait.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect(await results(place)).toEqual(['interrupted']);
  });
});

describe('the progress brake', () => {
  it('stops a model that waits for about the same again and again', async () => {
    let seconds = 0.05;
    const place = await placed(world, () => waits({ seconds: (seconds += 0.001) }));
    await place.setGoal({ objective: 'Wait.' });
    const goal = await place.stopped();
    expect(goal).toMatchObject({ status: 'blocked', statusReason: { code: 'noProgress' } });
    // The first wait was news.
    expect(goal.turnsUsed).toBe(4);
    expect(place.asked()).toHaveLength(4);
  });
});
