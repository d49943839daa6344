import { requests } from '@goald/protocol';
import { expect } from 'vitest';
import type { Script } from '../../../../helpers/model-server/index.js';
import type { Scenario } from '../scenario.js';
import { work } from './work.js';

const FAILS = { fault: { kind: 'status', status: 500 } } as const;
const USED_UP = {
  fault: {
    kind: 'status',
    status: 429,
    body: { error: { type: 'usage_limit_reached', message: 'Used up.', resets_in_seconds: 60 } },
  },
} as const;

/** The provider refuses its first requests for a while, as a whole server does: whoever asks. */
function afterRefusals(refusals: readonly (typeof FAILS | typeof USED_UP)[], then: Script): Script {
  return (request) => refusals[request.index] ?? then(request);
}

/** Two server errors before the plain work. */
export const retries: Scenario = {
  ...work,
  name: 'retries',
  script: (repository) => afterRefusals([FAILS, FAILS], work.script(repository)),
};

/** The quota is used up, and comes back while no daemon runs. */
export const limits: Scenario = {
  ...work,
  name: 'limits',
  script: (repository) => afterRefusals([USED_UP], work.script(repository)),
  prepare: async (_home, live) => {
    await live();
  },
  clockAheadMs: 600_000,
  play: async (stage) => {
    if (!stage.isPrepared) return work.play(stage);
    // The daemon of a later life goes on by itself, a moment after its start.
    const { client, threadId } = stage;
    const { goal } = await client.request(requests.goalWait, {
      threadId,
      until: ['complete', 'blocked', 'paused'],
      timeoutMs: 60_000,
    });
    if (goal === null) throw new Error('The goal is gone.');
    return goal;
  },
  expectEnd: (goal, stage) => {
    expect(goal.status).toBe(stage.isPrepared ? 'complete' : 'usageLimited');
  },
};
