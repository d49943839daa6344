import { join } from 'node:path';
import { goalSetup, QUICK } from '../helpers/goal-setup.js';
import { byProgress, calls, says, toolCall } from '../helpers/model-server/index.js';
import type { Counts } from './counts.js';
import type { PreparedSuite } from './suites.js';

export interface SuiteRun {
  readonly counts: Counts;
  /** The daemon found the suite to pass, and so completed the goal. */
  readonly verified: boolean;
  readonly seconds: number;
}

const HOURS_2 = 7200;

/** Lets a daemon verify a goal in workspace-write by a suite: the model claims that it passes, the daemon finds out. */
export async function runSuite(suite: PreparedSuite): Promise<SuiteRun> {
  const claim = toolCall('set_goal', {
    status: 'complete',
    evidence: [{ criterion: 'the suite passes', proof: 'The daemon runs it.' }],
  });
  const giveUp = toolCall('set_goal', { status: 'blocked', blocker: { summary: 'It fails.' } });
  const started = performance.now();
  await using setup = await goalSetup({
    script: byProgress(calls(claim), calls(giveUp), says('It fails.')),
    repository: () => Promise.resolve(suite.repository),
    config: { ...QUICK, sandbox: { mode: 'workspace-write', readable: [...suite.readable] } },
  });
  await setup.setGoal({
    objective: 'The suite passes.',
    sandbox: 'workspace-write',
    networkAccess: false,
    verification: [{ name: 'suite', command: suite.command, timeoutSeconds: HOURS_2 }],
  });
  const goal = await setup.stopped(HOURS_2 * 1000);
  const seconds = Math.round((performance.now() - started) / 1000);
  const temporary = join(setup.home, 'sandbox', setup.threadId, 'tmp');
  return { counts: await suite.count(temporary), verified: goal.verified, seconds };
}
