import { requests, type ConfigInput, type Goal, type GoalEvent } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { goalSetup, QUICK, type GoalSetup } from '../../helpers/goal-setup.js';
import {
  calls,
  toolCall,
  type Script,
  type ScriptedReply,
  type ScriptedRequest,
} from '../../helpers/model-server/index.js';
import { CLAIM } from '../api/support/scripts.js';

const WINDOW = 12_000;
const SMALL: ConfigInput = { ...QUICK, model: { contextWindow: WINDOW, maxOutputTokens: 1000 } };
const OBJECTIVE = 'Write ten files, and keep the OBJECTIVE-WORDS.';

/** The request for a summary, not for work. */
const asksForSummary = ({ steering }: ScriptedRequest): boolean =>
  steering?.includes('handover') === true;

/** Answers about 1,500 tokens, and leaves a file that was not there before. */
const works = (step: number): ScriptedReply =>
  calls(
    toolCall('shell', {
      command: `echo ${String(step)} > f${String(step)}.txt; seq ${String(step)}0000 ${String(step)}0900`,
    }),
  );

const readsMuch = (step: number): ScriptedReply =>
  calls(toolCall('shell', { command: `seq ${String(step)}0000 ${String(step)}0900` }));

interface Told {
  readonly script: Script;
  readonly requests: ScriptedRequest[];
}

/** Works until ten files are there, then claims completion. */
function tenFiles(summary: () => ScriptedReply, step = works, steps = 10): Told {
  let at = 0;
  const seen: ScriptedRequest[] = [];
  return {
    requests: seen,
    script: (request) => {
      seen.push(request);
      if (asksForSummary(request)) return summary();
      at += 1;
      return at > steps ? CLAIM : step(at);
    },
  };
}

async function eventsOf(setup: GoalSetup): Promise<GoalEvent[]> {
  return (await setup.client.request(requests.goalEventsList, { limit: 5000 })).data;
}

async function run(
  told: Told,
  options: { config?: ConfigInput; goal?: object } = {},
): Promise<{ goal: Goal; events: GoalEvent[]; items: { type: string; text: string }[] } & Ledger> {
  await using setup = await goalSetup({ script: told.script, config: options.config ?? SMALL });
  await setup.setGoal({ objective: OBJECTIVE, ...options.goal });
  const goal = await setup.stopped();
  const { threadId } = setup;
  const { thread } = await setup.client.request(requests.threadRead, {
    threadId,
    includeTurns: true,
  });
  const usage = await setup.client.request(requests.goalUsage, { threadId, limit: 500 });
  return {
    goal,
    events: (await eventsOf(setup)).filter(({ type }) => type === 'compaction.done'),
    items: thread.turns.flatMap(({ items }) =>
      items.map((item) => ({ type: item.type, text: JSON.stringify(item) })),
    ),
    rows: usage.data.length,
    tokens: usage.totals.tokens,
  };
}

interface Ledger {
  readonly rows: number;
  readonly tokens: number;
}

/** Every call the model was sent had its output beside it, and the other way round. */
function pairsHold(asked: readonly ScriptedRequest[]): void {
  for (const { input } of asked) {
    const callIds = input.flatMap((item) => (item.type === 'call' ? [item.callId] : []));
    const outputIds = input.flatMap((item) => (item.type === 'output' ? [item.callId] : []));
    expect(outputIds.toSorted()).toEqual(callIds.toSorted());
  }
}

describe.each(['responses', 'chat'] as const)(
  'a conversation that outgrows the window (%s)',
  (api) => {
    it('goes on from the model’s summary; objective and transcript stay whole', async () => {
      const told = tenFiles(() => ({ text: 'SUMMARY-WORDS: files up to here are written.' }));
      const { goal, events, items, rows, tokens } = await run(told, {
        config: { ...SMALL, model: { ...SMALL.model, wireApi: api } },
      });
      expect(goal.status).toBe('complete');
      expect(events.length).toBeGreaterThanOrEqual(1);
      for (const { data } of events) {
        expect(data).toMatchObject({ reason: 'threshold', by: 'model' });
        expect(Number(data['tokensAfter'])).toBeLessThan(Number(data['tokensBefore']) / 2);
      }
      const after = told.requests.findIndex(asksForSummary) + 1;
      const next = told.requests[after];
      expect(JSON.stringify(next?.input)).toContain('SUMMARY-WORDS');
      expect(next?.steering).toContain('OBJECTIVE-WORDS');
      expect(JSON.stringify(next?.input)).not.toContain('f1.txt');
      pairsHold(told.requests);
      // The prefix is the same again from request to request.
      const following = told.requests[after + 1];
      expect(following?.input.slice(0, next?.input.length)).toEqual(next?.input);

      const commands = items.filter(({ type }) => type === 'commandExecution');
      expect(commands).toHaveLength(10);
      expect(commands[0]?.text).toContain('f1.txt');
      expect(items.filter(({ type }) => type === 'contextCompaction')).toHaveLength(events.length);
      expect(rows).toBe(told.requests.length);
      expect(tokens).toBe(goal.tokensUsed);
    });
  },
);

describe('when no summary comes', () => {
  it.each([
    ['the request fails', (): ScriptedReply => ({ fault: { kind: 'status', status: 500 } })],
    [
      'the stream is cut',
      (): ScriptedReply => ({ text: 'half of', fault: { kind: 'cut', afterBytes: 400 } }),
    ],
    ['the answer is empty', (): ScriptedReply => ({ text: '' })],
    ['the answer is a call', (): ScriptedReply => works(99)],
  ])('%s: the runtime sums up what is stored, and the goal goes on', async (_, summary) => {
    const told = tenFiles(summary);
    const { goal, events } = await run(told);
    expect(goal.status).toBe('complete');
    expect(events.map(({ data }) => data['by'])).toEqual(events.map(() => 'runtime'));
    const next = told.requests[told.requests.findIndex(asksForSummary) + 1];
    expect(JSON.stringify(next?.input)).toContain('echo 1 > f1.txt');
    expect(next?.steering).toContain('OBJECTIVE-WORDS');
    pairsHold(told.requests);
  });

  it('the budget is reached by the charge for a summary as by any other', async () => {
    const usage = { input: 9000, output: 50_000 };
    const told = tenFiles(() => ({ text: 'S', usage }));
    const { goal, rows, tokens } = await run(told, { goal: { tokenBudget: 60_000 } });
    expect(goal).toMatchObject({ status: 'budgetLimited', tokensUsed: tokens });
    expect(told.requests.filter(asksForSummary)).toHaveLength(1);
    expect(told.requests.at(-1)).toSatisfy(asksForSummary);
    expect(rows).toBe(told.requests.length);
  });
});

describe('a provider that says the input is too long', () => {
  const OVERFLOW: ScriptedReply = {
    fault: {
      kind: 'status',
      status: 400,
      body: { error: { code: 'context_length_exceeded', message: 'Too long for this model.' } },
    },
  };

  it('is asked once more after a compaction, and the goal goes on', async () => {
    let refused = false;
    const told = tenFiles(() => ({ text: 'SUMMARY-WORDS' }));
    const { goal, events } = await run(
      {
        requests: told.requests,
        script: (request) => {
          if (told.requests.length === 4 && !refused) {
            refused = true;
            return OVERFLOW;
          }
          return told.script(request);
        },
      },
      { config: QUICK },
    );
    expect(goal.status).toBe('complete');
    expect(events.map(({ data }) => data['reason'])).toEqual(['overflow']);
  });

  it('and says it again blocks the goal with its words', async () => {
    const told = tenFiles(() => ({ text: 'SUMMARY-WORDS' }));
    const { goal } = await run(
      {
        requests: told.requests,
        script: (request) => (asksForSummary(request) ? told.script(request) : OVERFLOW),
      },
      { config: QUICK },
    );
    expect(goal).toMatchObject({ status: 'blocked', statusReason: { code: 'turnError' } });
    expect(goal.statusReason?.message).toContain('Too long for this model.');
  });
});

it('two compactions with no progress in between are the most', async () => {
  const told = tenFiles(() => ({ text: 'SUMMARY-WORDS' }), readsMuch, 1000);
  const { goal, events } = await run(told);
  expect(goal).toMatchObject({ status: 'blocked', statusReason: { code: 'noProgress' } });
  expect(goal.statusReason?.message).toContain('after 2 compactions');
  expect(events).toHaveLength(2);
});

it('what a user says while the summary is made is read after it', async () => {
  let threadId = '';
  let say: () => Promise<unknown> = () => Promise.resolve();
  const told = tenFiles(() => ({ text: 'SUMMARY-WORDS' }));
  const script: Script = async (request) => {
    if (asksForSummary(request)) {
      const before = say;
      say = () => Promise.resolve();
      await before();
    }
    return told.script(request);
  };
  await using setup = await goalSetup({ script, config: SMALL });
  threadId = setup.threadId;
  say = () =>
    setup.client.request(requests.turnStart, {
      threadId,
      input: [{ type: 'text', text: 'USER-WORDS', text_elements: [] }],
    });
  await setup.setGoal({ objective: OBJECTIVE });
  expect(await setup.stopped()).toMatchObject({ status: 'complete' });
  const next = told.requests[told.requests.findIndex(asksForSummary) + 1];
  const texts = next?.input.map((item) => JSON.stringify(item)) ?? [];
  const at = (words: string): number => texts.findIndex((text) => text.includes(words));
  expect(at('USER-WORDS')).toBeGreaterThan(at('SUMMARY-WORDS'));
});

it('a restart after a compaction goes on from the summary', async () => {
  const told = tenFiles(() => ({ text: 'SUMMARY-WORDS' }));
  await using setup = await goalSetup({ script: told.script, config: SMALL });
  await setup.setGoal({ objective: OBJECTIVE });
  await setup.stopped();
  await setup.restart();
  const { threadId } = setup;
  await setup.setGoal({ objective: 'One thing more.' });
  await setup.client.request(requests.goalWait, { threadId, timeoutMs: 20_000 });
  const last = told.requests.at(-1);
  expect(JSON.stringify(last?.input)).toContain('SUMMARY-WORDS');
  expect(JSON.stringify(last?.input)).not.toContain('f1.txt');
});
