import { expect } from 'vitest';
import { calls, sequence, toolCall } from '../../../helpers/model-server/index.js';
import type { FaultCases } from '../support/fault-case.js';
import { API_KEY, type FaultRun } from '../support/fault-world.js';
import { answers, DONE, failsWith } from '../support/replies.js';

const RESET_AT_S = 4_000_000_000;
const busy = { code: 'rate_limit_exceeded', message: 'Slow down.' };
const TOO_LONG = { code: 'context_length_exceeded', message: 'Too long for this model.' };
const status = (code: number) => ({ kind: 'status' as const, status: code });

function retries(run: FaultRun) {
  return run.events.filter((event) => event.type === 'retry.scheduled');
}

/** Blocked at once: one request, in the provider's words. */
function refused(words: string) {
  return (run: FaultRun): void => {
    expect(run.requests).toHaveLength(1);
    expect(run.goal.statusReason?.message).toContain(words);
    expect(run.turns[0]).toMatchObject({ status: 'failed' });
  };
}

/** Errors that come with a status. */
export const STATUS_CASES: FaultCases = {
  'proxy-error': {
    script: failsWith({
      kind: 'status',
      status: 502,
      body: '<html><head><style>h1 {}</style></head><body><h1>Bad gateway</h1></body></html>',
      headers: { 'content-type': 'text/html' },
    }),
    check: (run) => {
      const message = String(retries(run)[0]?.data['message']);
      expect(message).toContain('Bad gateway');
      expect(message).not.toMatch(/<|h1/);
    },
  },
  'rate-limit': {
    script: answers(429, busy),
    check: (run) => {
      expect(retries(run)[0]?.data['message']).toContain('Slow down.');
    },
  },
  'retry-after-seconds': {
    script: answers(429, busy, { 'retry-after': '1' }),
    check: (run) => {
      expect(retries(run)[0]?.data['delayMs']).toBe(1000);
      const [faulty, next] = run.requests;
      expect((next?.atMs ?? 0) - (faulty?.atMs ?? 0)).toBeGreaterThanOrEqual(1000);
    },
  },
  'retry-after-date': {
    script: () =>
      sequence(() => {
        // Dates know whole seconds: this one is at least a second away.
        const headers = { 'retry-after': new Date(Date.now() + 2000).toUTCString() };
        return { fault: { ...status(429), body: { error: busy }, headers } };
      }, DONE),
    check: (run) => {
      const [faulty, next] = run.requests;
      const soonestMs = (faulty?.atMs ?? Infinity) + 1000;
      expect(retries(run)[0]?.data['nextActionAtMs']).toBeGreaterThanOrEqual(soonestMs);
      expect(next?.atMs).toBeGreaterThanOrEqual(soonestMs);
    },
  },
  'rate-limit-storm': {
    script: () =>
      sequence(
        ...Array.from({ length: 45 }, () => ({
          fault: { ...status(429), body: { error: busy } },
        })),
        // Had the failures counted, the turn would end behind this as one without progress.
        calls(toolCall('read_file', { path: 'a.txt' })),
        DONE,
      ),
    faulty: 45,
    check: (run) => {
      expect(retries(run)).toHaveLength(45);
      expect(run.goal).toMatchObject({ turnsUsed: 1 });
      const shown = run.seen.filter((goal) => goal.nextActionAtMs !== null);
      expect(shown.length).toBeGreaterThanOrEqual(45);
    },
  },
  'server-errors': {
    script: failsWith(...[500, 502, 503, 504, 529].map(status)),
    faulty: 5,
    check: (run) => {
      expect(retries(run).map((event) => event.data['attempt'])).toEqual([1, 2, 3, 4, 5]);
    },
  },
  'request-conflict': {
    script: failsWith(status(408), status(409)),
    faulty: 2,
    check: (run) => {
      expect(run.turns).toHaveLength(1);
    },
  },
  unauthorized: {
    script: answers(401, { code: 'invalid_api_key', message: `No such key: ${API_KEY}.` }),
    check: (run) => {
      refused('No such key: [hidden]')(run);
      expect(JSON.stringify([run.events, run.goal, run.turns])).not.toContain(API_KEY);
    },
  },
  forbidden: {
    script: answers(403, { message: 'Not from this country.' }),
    check: refused('Not from this country.'),
  },
  'unknown-model': {
    script: answers(404, { code: 'model_not_found', message: 'There is no such model.' }),
    check: refused('GOALD_MODEL'),
  },
  'bad-request': {
    script: answers(400, { type: 'invalid_request_error', message: 'Odd value.' }),
    check: refused('Odd value.'),
  },
  'quota-with-reset': {
    script: answers(429, {
      type: 'usage_limit_reached',
      message: 'Used up.',
      resets_at: RESET_AT_S,
    }),
    check: (run) => {
      expect(run.goal.nextActionAtMs).toBe(RESET_AT_S * 1000 + 45_000);
      expect(run.goal.statusReason?.detail).toContain('goes on by itself');
    },
  },
  'quota-without-reset': {
    script: answers(429, { code: 'insufficient_quota', message: 'Check your plan.' }),
    check: (run) => {
      expect(run.goal.nextActionAtMs).toBeNull();
      expect(run.goal.statusReason?.message).toContain('Check your plan.');
    },
  },
  'context-overflow': {
    script: answers(400, TOO_LONG),
    check: (run) => {
      const done = run.events.find((event) => event.type === 'compaction.done');
      expect(done).toMatchObject({ data: { reason: 'overflow' } });
      expect(run.goal).toMatchObject({ turnsUsed: 1 });
    },
  },
  'context-overflow-again': {
    script: () => () => ({ fault: { ...status(400), body: { error: TOO_LONG } } }),
    faulty: 3,
    check: (run) => {
      expect(run.requests).toHaveLength(2);
      expect(run.goal.statusReason?.message).toContain(TOO_LONG.message);
      expect(run.goal.statusReason?.detail).toContain('window');
    },
  },
};
