import { confinementsOver } from '../../helpers/confinement.js';
import { setImmediate } from 'node:timers/promises';
import { configSchema } from '@goald/protocol';
import { PromptContextBuilder } from '@goald/server/agent/context/prompt-context-builder.js';
import type { ActiveTurn } from '@goald/server/engine/active-turn.js';
import { LostTurns } from '@goald/server/engine/lost-turns.js';
import { RunningTurns } from '@goald/server/engine/running-turns.js';
import { Scheduler } from '@goald/server/engine/scheduler.js';
import { StorePatience } from '@goald/server/engine/store-patience.js';
import { ThreadHistories } from '@goald/server/engine/thread-histories.js';
import { TurnClaim } from '@goald/server/engine/turn-claim.js';
import { TurnStore } from '@goald/server/engine/turn-store.js';
import { WaitFires } from '@goald/server/engine/wait-fires.js';
import { Watchdog } from '@goald/server/engine/watchdog.js';
import { estimatedCharge } from '@goald/server/goals/accounting.js';
import { isPlanning } from '@goald/server/threads/collaboration.js';
import { StatWatch } from '@goald/server/workspace/stat-watch.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ManualClock } from '../../helpers/manual-clock.js';
import { byUser, openWorld, type World } from './support/world.js';

let world: World;
let clock: ManualClock;
let started: ActiveTurn[];
let incidents: string[];
let scheduler: Scheduler;
let watchdog: Watchdog;
let claim: (threadId: string) => ActiveTurn | null;

beforeEach(() => {
  world = openWorld();
  clock = new ManualClock(world.nowMs);
  started = [];
  incidents = [];
  const { repositories, writer, ledger } = world;
  const histories = new ThreadHistories(repositories.items, repositories.compactions);
  const config = configSchema.parse({});
  const patience = new StorePatience({
    store: world.store,
    goals: repositories.goals,
    clock,
    config: () => config,
  });
  const store = new TurnStore(world.store, repositories, histories, patience);
  const running = new RunningTurns();
  const claims = new TurnClaim({
    repositories,
    store,
    goals: writer,
    config: () => config,
    confinements: confinementsOver(repositories),
    clock,
  });
  claim = (threadId) => world.store.write((tx) => claims.claimForGoal(tx, threadId));
  const shared = {
    store,
    goals: writer,
    running,
    patience,
    clock,
    config: () => config,
    onIncident: (error: unknown) => {
      incidents.push(String(error));
      return 'incident';
    },
  };
  scheduler = new Scheduler({
    ...shared,
    goals: repositories.goals,
    isPlanning: (threadId) => isPlanning(repositories.threads.find(threadId)),
    claim: (threadId) => claim(threadId),
    start: (turn) => {
      started.push(turn);
      running.add(
        turn,
        () => new Promise(() => undefined),
        () => undefined,
      );
    },
  });
  const lost = new LostTurns({ ...shared, ledger, context: new PromptContextBuilder() });
  const waits = new WaitFires({ ...shared, files: new StatWatch(), failpoint: () => undefined });
  watchdog = new Watchdog({ ...shared, scheduler, lost, waits });
  world.onTold = (committed) => {
    waits.hear(committed);
    scheduler.hear(committed);
  };
  waits.open();
  scheduler.open();
  watchdog.start();
});

afterEach(() => {
  scheduler.close();
  watchdog.stop();
  world[Symbol.dispose]();
});

/** Makes an active goal behind the scheduler's back: the news of it is lost. */
function goalNobodyHeardOf(threadId: string): void {
  const hear = world.onTold;
  world.onTold = () => undefined;
  world.thread(threadId);
  world.goals.set({ threadId, objective: 'Move.' }, byUser());
  world.onTold = hear;
}

/** Lets a goal wait, as its turn would have; `isTold`: those who watch waits hear of it. */
function goalThatWaits(threadId: string, lengthMs: number, isTold: boolean): void {
  goalNobodyHeardOf(threadId);
  const goal = world.repositories.goals.current(threadId);
  if (goal === undefined) throw new Error('no goal');
  world.store.write((tx) => {
    const wait = { id: `wait of ${threadId}`, kind: 'time' as const, what: 'a while' };
    world.repositories.waits.insert({
      ...wait,
      goal_id: goal.goal_id,
      thread_id: threadId,
      turn_id: 'turn',
      arguments_json: '{}',
      until_ms: clock.now() + lengthMs,
      told: 0,
      started_at_ms: clock.now(),
    });
    world.writer.note(tx, goal, { phase: 'waiting', wait_json: '{}' }, null);
    if (isTold) tx.emit({ type: 'wait.started', threadId, data: { waitId: wait.id } });
  });
}

async function halfAMinute(): Promise<void> {
  clock.advance(30_000);
  world.nowMs = clock.now();
  await setImmediate();
}

it('an active goal that stands still is set going within half a minute', async () => {
  goalNobodyHeardOf('t1');
  await setImmediate();
  expect(started).toEqual([]);
  await halfAMinute();
  expect(started.map(({ threadId }) => threadId)).toEqual(['t1']);
  expect(incidents).toEqual([expect.stringContaining('stood still')]);
  await halfAMinute();
  expect(incidents).toHaveLength(1);
});

it('a goal that is paused, waits for its time or has its turn is left alone', async () => {
  goalNobodyHeardOf('paused');
  world.goals.pause({ threadId: 'paused' }, byUser());
  goalNobodyHeardOf('later');
  const row = world.repositories.goals.current('later');
  if (row === undefined) throw new Error('no goal');
  world.store.write((tx) => {
    world.writer.note(
      tx,
      row,
      { phase: 'waiting', next_action_at_ms: clock.now() + 600_000 },
      null,
    );
  });
  scheduler.consider('later');
  goalNobodyHeardOf('at work');
  scheduler.consider('at work');
  await halfAMinute();
  await halfAMinute();
  expect(started.map(({ threadId }) => threadId)).toEqual(['at work']);
  expect(incidents).toEqual([]);
});

it('a goal that waits for what the agent asked for is left alone until then', async () => {
  goalThatWaits('t1', 50_000, true);
  await halfAMinute();
  expect(started).toEqual([]);
  await halfAMinute();
  expect(started.map(({ threadId }) => threadId)).toEqual(['t1']);
  expect(incidents).toEqual([]);
});

it('a wait that nobody watches is watched from then on, and over when it is due', async () => {
  goalThatWaits('t1', 50_000, false);
  await halfAMinute();
  expect(incidents).toEqual([expect.stringContaining('stood still')]);
  expect(started).toEqual([]);
  await halfAMinute();
  expect(started.map(({ threadId }) => threadId)).toEqual(['t1']);
  expect(incidents).toHaveLength(1);
});

it('a goal that says it waits, for nothing that there is, goes on', async () => {
  goalNobodyHeardOf('t1');
  const row = world.repositories.goals.current('t1');
  if (row === undefined) throw new Error('no goal');
  world.store.write((tx) => {
    world.writer.note(tx, row, { phase: 'waiting', wait_json: '{}' }, null);
  });
  await halfAMinute();
  expect(started.map(({ threadId }) => threadId)).toEqual(['t1']);
  expect(world.goals.get('t1')).toMatchObject({ waitingFor: null });
});

it('a turn that nobody runs is closed, its request charged, and the goal gets another', async () => {
  goalNobodyHeardOf('t1');
  const turn = claim('t1');
  if (turn?.goalId == null) throw new Error('no turn');
  world.store.write((tx) => {
    world.ledger.intent(tx, {
      requestId: 'r1',
      turnId: turn.turnId,
      threadId: 't1',
      goalId: turn.goalId,
      provider: 'openai',
      model: 'm',
      estimatedInput: 700,
      countedInput: 700,
      price: null,
      tier: 'default',
    });
  });
  await halfAMinute();
  expect(world.repositories.turns.find(turn.turnId)?.status).toBe('interrupted');
  expect(world.goals.get('t1')?.tokensUsed).toBe(estimatedCharge(700, 0).tokens);
  expect(started.map(({ threadId }) => threadId)).toEqual(['t1']);
  expect(started[0]?.turnId).not.toBe(turn.turnId);
  expect(incidents[0]).toContain('nobody running it');
});

it('a goal whose thread plans rests, and nobody helps it; without that mode it goes on', async () => {
  world.thread('t1');
  world.store.write(() => {
    world.repositories.threads.update('t1', { mode: 'plan' });
  });
  world.goals.set({ threadId: 't1', objective: 'Move.' }, byUser());
  await setImmediate();
  await setImmediate();
  expect(world.repositories.goals.current('t1')?.phase).toBe('planning');
  await halfAMinute();
  await halfAMinute();
  expect(watchdog.look()).toEqual([]);
  expect(incidents).toEqual([]);
  expect(started).toEqual([]);
  world.store.write((tx) => {
    world.repositories.threads.update('t1', { mode: 'default' });
    world.goals.endPlanningIn(tx, 't1');
  });
  await setImmediate();
  expect(started.map(({ threadId }) => threadId)).toEqual(['t1']);
});
