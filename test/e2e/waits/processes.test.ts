import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calls, toolCall } from '../../helpers/model-server/index.js';
import {
  CLAIM,
  endsTold,
  results,
  runsInBackground,
  steps,
  toldBy,
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

describe('a wait for a process', () => {
  it('lasts as long as the process, and tells its exit code and the end of its output', async () => {
    let told: string[] = [];
    const place = await placed(
      world,
      steps(
        runsInBackground('while [ ! -e go ]; do sleep 0.02; done; echo last words; exit 3'),
        waits({ process_id: 1 }),
        (request) => {
          told = endsTold(request);
          return CLAIM;
        },
      ),
    );
    await place.setGoal({ objective: 'Wait.' });
    const goal = await waiting(place);
    expect(goal.waitingFor).toMatchObject({ kind: 'process', processId: 1, untilMs: null });
    expect(goal.waitingFor?.what).toMatch(/^process 1 \(while /);
    expect(goal.nextActionAtMs).toBeNull();
    await writeFile(join(place.repository, 'go'), '');
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
    expect(place.asked()).toHaveLength(3);
    expect(told).toEqual([
      expect.stringMatching(/ended with exit code 3\. The end of its output:\nlast words$/),
    ]);
    expect(await results(place)).toEqual(['exited']);
  });

  it('that has ended already is over at once, in the same turn', async () => {
    const told: string[] = [];
    const place = await placed(world, async (request) => {
      if (request.progress === 0) return runsInBackground('echo gone');
      const output = request.lastToolOutputs[0] ?? '';
      told.push(output);
      if (output.startsWith('The wait is over')) return CLAIM;
      if (output.includes('ended with exit code 0')) return waits({ process_id: '1' });
      await delay(300);
      return calls(toolCall('process', { process_id: 1, action: 'poll' }));
    });
    await place.setGoal({ objective: 'Wait.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 1 });
    expect(told.at(-1)).toMatch(/ended with exit code 0\. The end of its output:\ngone/);
    expect(await results(place)).toEqual(['exited']);
  });

  it('with a limit is over at the limit, and the process still runs', async () => {
    let told: string[] = [];
    const place = await placed(
      world,
      steps(runsInBackground('sleep 1000'), waits({ process_id: 1, seconds: 0.3 }), (request) => {
        told = endsTold(request);
        return CLAIM;
      }),
    );
    await place.setGoal({ objective: 'Wait.' });
    expect(await place.stopped()).toMatchObject({ status: 'complete', turnsUsed: 2 });
    expect(told[0]).toMatch(/reached its limit .*\nProcess 1 \(sleep 1000\) still runs\.$/);
    expect(await results(place)).toEqual(['timedOut']);
  });
});

describe('shell in the background', () => {
  it('is refused where path constraints hold, for nobody could hold it to them between turns', async () => {
    let output = '';
    const place = await placed(
      world,
      steps(runsInBackground('echo no > secret'), (request) => {
        output = request.lastToolOutputs[0] ?? '';
        return CLAIM;
      }),
    );
    const constraints = { paths: { allow: [], deny: ['secret'] }, notes: [] };
    await place.setGoal({ objective: 'Run.', constraints });
    expect((await place.stopped()).status).toBe('complete');
    expect(output).toMatch(/^shell: This goal has path constraints/);
  });
});

describe('the process tool', () => {
  it('reads only what is new, and ends a process on demand', async () => {
    const seen: string[] = [];
    let repository = '';
    const place = await placed(world, async (request) => {
      if (request.progress === 0) {
        return runsInBackground(
          'echo one; while [ ! -e more ]; do sleep 0.02; done; echo two; sleep 1000',
        );
      }
      const output = request.lastToolOutputs[0] ?? '';
      seen.push(output);
      if (output.includes('was killed')) return CLAIM;
      if (output.includes('two')) {
        return calls(toolCall('process', { process_id: 1, action: 'kill' }));
      }
      if (output.includes('one')) await writeFile(join(repository, 'more'), '');
      await delay(300);
      return calls(toolCall('process', { process_id: 1, action: 'poll' }));
    });
    ({ repository } = place);
    await place.setGoal({ objective: 'Look.' });
    expect((await place.stopped()).status).toBe('complete');
    expect(seen[0]).toMatch(/^Process 1 runs in the background\. Wait for its end/);
    const quiet = 'Process 1 still runs. (no new output)';
    expect(seen.slice(1).filter((output) => output !== quiet)).toEqual([
      'Process 1 still runs. New output:\none\n',
      'Process 1 still runs. New output:\ntwo\n',
      'Process 1 was killed. (no new output)',
    ]);
  });

  it('knows no process of another number, and of no other thread', async () => {
    const seen: string[] = [];
    const place = await placed(
      world,
      steps(calls(toolCall('process', { process_id: 1, action: 'poll' })), (request) => {
        seen.push(...toldBy(request, 'process'));
        return CLAIM;
      }),
    );
    await place.setGoal({ objective: 'Look.' });
    await place.stopped();
    expect(seen).toEqual([expect.stringMatching(/no background process 1\. None runs/)]);
  });
});
