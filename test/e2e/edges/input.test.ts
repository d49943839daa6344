import { notifications, requests } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUICK } from '../../helpers/goal-setup.js';
import { byProgress, says } from '../../helpers/model-server/index.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM, input, Latch } from '../api/support/scripts.js';
import {
  ended,
  FILES,
  heard,
  LEAVES_DEAF,
  made,
  make,
  say,
  slowToPrepare,
  startedTurns,
  WAITS,
} from './support/edges.js';

/** In a sandbox nothing outlives its command, and turns end too soon for what is said meanwhile. */
const FREE = { sandbox: 'danger-full-access' } as const;

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start({ engine: { ...QUICK.engine, stopGraceMs: 800 } });
});
afterAll(() => world[Symbol.asyncDispose]());

describe('what a user says', () => {
  it.each([0, 1, 2, 4, 8])(
    'while a request is prepared is carried by that request or the next (%i round trips in)',
    async (roundTrips) => {
      const place = await world.place(() => says('Yes.'), { files: FILES });
      await slowToPrepare(place);
      const first = await say(world, place, 'FIRST-WORDS');
      for (let n = 0; n < roundTrips; n += 1) {
        await world.ws.request(requests.threadGoalGet, { threadId: place.threadId });
      }
      const second = await say(world, place, 'SECOND-WORDS');
      expect(second.id).toBe(first.id);
      await ended(world, first.id);
      expect(place.asked().at(-1)?.rawBody).toContain('SECOND-WORDS');
    },
  );

  it('while a turn without a goal ends is answered in a turn of its own', async () => {
    const place = await world.place(byProgress(LEAVES_DEAF, says('Done.'), says('Also done.')), {
      files: FILES,
    });
    const { threadId } = place;
    await world.ws.request(requests.threadResume, { threadId, ...FREE });
    const first = await say(world, place, 'FIRST-WORDS');
    await world.ws.until(
      notifications.itemCompleted,
      (params) => params.threadId === threadId && params.item.type === 'agentMessage',
    );
    const second = await say(world, place, 'SECOND-WORDS');
    expect(second.id).toBe(first.id);
    await ended(world, first.id);
    await heard(place, 'SECOND-WORDS');
    const [, follow, ...more] = startedTurns(world, place);
    expect(more).toEqual([]);
    expect((await ended(world, follow?.id ?? '')).status).toBe('completed');
    expect(place.asked()).toHaveLength(3);
  });

  it('while the last turn of a completed goal ends is answered, and the goal stays complete', async () => {
    const place = await world.place(byProgress(LEAVES_DEAF, CLAIM, says('You are welcome.')), {
      files: FILES,
    });
    const { threadId } = place;
    await place.setGoal({ objective: 'Do it.', ...FREE });
    const { tokensUsed } = await place.stopped();
    const [turn] = startedTurns(world, place);
    const words = { threadId, expectedTurnId: turn?.id ?? '', input: input('LATE-WORDS') };
    expect(await world.ws.request(requests.turnSteer, words)).toEqual({ turnId: turn?.id });
    await heard(place, 'LATE-WORDS');
    await ended(world, startedTurns(world, place)[1]?.id ?? '');
    expect(await place.goal()).toMatchObject({ status: 'complete', turnsUsed: 1, tokensUsed });
    expect(place.asked()).toHaveLength(3);
  });

  it('while the gate runs keeps the goal from being completed until the model has read it', async () => {
    const place = await world.place(byProgress(CLAIM, CLAIM), { files: FILES });
    const { threadId } = place;
    const verification = [{ name: 'waits', command: WAITS }];
    await place.setGoal({ objective: 'Do it.', verification });
    await made(place, 'out.begun');
    await say(world, place, 'WAIT-WITH-THAT');
    await make(place, 'out.go');
    expect(await place.stopped()).toMatchObject({ status: 'complete', verified: true });
    expect(place.asked()).toHaveLength(2);
    expect(place.asked()[1]?.rawBody).toContain('WAIT-WITH-THAT');
    expect(place.asked()[1]?.rawBody).toContain('the user spoke in the meantime');
    const { report } = await world.ws.request(requests.goalReport, { threadId });
    expect(report.verification.map((run) => run.status)).toEqual(['passed', 'void']);
  });

  it('while completion is being proposed keeps a goal without verification from being completed', async () => {
    const latch = new Latch();
    const place = await world.place(byProgress(() => latch.thenReply(CLAIM), CLAIM));
    await place.setGoal({ objective: 'Do it.' });
    await heard(place, 'Do it.');
    await say(world, place, 'WAIT-WITH-THAT');
    latch.open();
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect(place.asked()).toHaveLength(2);
    expect(place.asked()[1]?.rawBody).toContain('WAIT-WITH-THAT');
  });
});
