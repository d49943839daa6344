import { notifications, requests } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { goalSetup, type GoalSetup } from '../../helpers/goal-setup.js';
import type { Script } from '../../helpers/model-server/index.js';
import {
  CLAIM,
  endsTold,
  eventsOf,
  isAlive,
  pidsIn,
  results,
  runsInBackground,
  steps,
  toldBy,
  waiting,
  waits,
} from '../../helpers/waiting.js';

/** In a sandbox processes have numbers of their own. */
const FREE = { objective: 'Wait.', sandbox: 'danger-full-access' } as const;

/** Says who it is, and ends soon. */
const SHORT = 'echo $$ >> pids; sleep 0.3; exit 4';

/** Starts a process, waits for its end and completes as soon as it was told of that, in whatever way. */
function untilTold(command: string, told: string[]): Script {
  return (request) => {
    if (request.progress === 0) return runsInBackground(command);
    const news = [...endsTold(request), ...toldBy(request, 'process')];
    told.splice(0, told.length, ...news);
    return news.length > 0 ? CLAIM : waits({ process_id: 1 });
  };
}

async function died(setup: GoalSetup): Promise<void> {
  expect((await setup.daemon.ended()).signal).toBe('SIGKILL');
}

/** Starts the daemon again, to die once more. What it begins with may be enough for that: before it is ready, or before its client is there. */
async function restartToDieAt(setup: GoalSetup, dieAt: string): Promise<void> {
  await setup.restart({ dieAt }).catch((error: unknown) => {
    expect(String(error)).toMatch(/SIGKILL|ECONNREFUSED|ECONNRESET|hang up|connection closed/u);
  });
  await died(setup);
}

describe('kill -9', () => {
  it('when a wait is stored, due, over and its turn claimed: it ends once, and the model is told once', async () => {
    let told: string[] = [];
    await using setup = await goalSetup({
      script: steps(waits({ seconds: 0.3 }), (request) => {
        told = endsTold(request);
        return CLAIM;
      }),
      daemon: { dieAt: 'wait.stored' },
    });
    await setup.setGoal({ objective: 'Wait.' });
    await died(setup);
    await restartToDieAt(setup, 'wait.due');
    await restartToDieAt(setup, 'wait.fired');
    await restartToDieAt(setup, 'request.beforeIntent');
    expect(setup.model.requests).toHaveLength(1);
    await setup.restart();
    expect(await setup.stopped()).toMatchObject({ status: 'complete', waitingFor: null });
    expect(setup.model.requests).toHaveLength(2);
    // The call's own output was lost, because the daemon died before it was stored.
    expect(told.filter((text) => text.startsWith('The wait is over'))).toHaveLength(1);
    expect(await results(setup)).toEqual(['elapsed']);
    expect(await eventsOf(setup, 'wait.started')).toHaveLength(1);
  }, 120_000);

  it('when a background process is recorded, spawned, dead and ended: nothing of it is left, and the model is told how each ended', async () => {
    let told: string[] = [];
    await using setup = await goalSetup({
      script: (request) => {
        told = [...endsTold(request), ...toldBy(request, 'process')];
        if (told.some((text) => text.includes('exit code 4'))) return CLAIM;
        const lost = told.filter((text) => text.includes('was lost')).length;
        const started = request.input.filter(
          (item) => item.type === 'call' && item.name === 'shell',
        ).length;
        return started <= lost ? runsInBackground(SHORT) : waits({ process_id: started });
      },
      daemon: { dieAt: 'process.recorded' },
    });
    await setup.setGoal(FREE);
    await died(setup);
    await restartToDieAt(setup, 'process.spawned');
    await restartToDieAt(setup, 'process.dead');
    await restartToDieAt(setup, 'process.ended');
    await setup.restart();
    expect((await setup.stopped()).status).toBe('complete');
    expect(pidsIn(setup.repository).filter(isAlive)).toEqual([]);
    expect(told.filter((text) => text.includes('was lost'))).toHaveLength(3);
    expect(told.filter((text) => text.includes('exit code 4'))).toHaveLength(1);
  }, 120_000);

  it('while a goal waits for a process: the wait ends as lost, and the restart says what was lost', async () => {
    const told: string[] = [];
    await using setup = await goalSetup({
      script: untilTold('echo $$ >> pids; sleep 1000', told),
    });
    await setup.setGoal(FREE);
    await waiting(setup);
    const [pid = 0] = await eventually('the process', () => {
      const found = pidsIn(setup.repository);
      return found.length > 0 && found;
    });
    await setup.restart();
    expect((await setup.stopped()).status).toBe('complete');
    expect(isAlive(pid)).toBe(false);
    expect(told).toEqual([expect.stringMatching(/was lost: the daemon stopped, and it with it/)]);
    expect(await results(setup)).toEqual(['lost']);
    const { data } = await setup.client.request(requests.goalEventsList, { limit: 5000 });
    const recovered = data.find((event) => event.type === 'daemon.recovered');
    expect(recovered?.data['lostProcesses']).toEqual([
      { threadId: setup.threadId, processId: 1, command: 'echo $$ >> pids; sleep 1000' },
    ]);
  });
});

describe('SIGTERM of the daemon', () => {
  it('ends background processes before it is gone; the next start tells that they were lost', async () => {
    const told: string[] = [];
    await using setup = await goalSetup({
      script: untilTold('trap "" TERM; echo $$ >> pids; while :; do sleep 0.1; done', told),
    });
    await setup.setGoal(FREE);
    await waiting(setup);
    const tree = await eventually('the process', () => {
      const found = pidsIn(setup.repository);
      return found.length > 0 && found;
    });
    await setup.daemon.kill('SIGTERM');
    expect(await setup.daemon.ended()).toEqual({ code: 0, signal: null });
    expect(tree.filter(isAlive)).toEqual([]);
    expect(setup.client.all(notifications.turnCompleted)).toHaveLength(1);
    expect(setup.model.requests).toHaveLength(2);
    await setup.restart();
    expect((await setup.stopped()).status).toBe('complete');
    expect(told).toEqual([expect.stringMatching(/was lost/)]);
    expect(await results(setup)).toEqual(['lost']);
  });
});
