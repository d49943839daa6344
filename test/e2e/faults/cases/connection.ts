import { expect } from 'vitest';
import { sequence, toolCall } from '../../../helpers/model-server/index.js';
import type { FaultCases } from '../support/fault-case.js';
import type { FaultRun } from '../support/fault-world.js';
import { DONE, failsWith, TEXT } from '../support/replies.js';

const CUTS = [0, 1, 50, 150, 400, 900, 1300, 1600] as const;

/** What the first wait was for. */
function firstMessage(run: FaultRun): unknown {
  return run.events.find((event) => event.type === 'retry.scheduled')?.data['message'];
}

function texts(run: FaultRun): string[] {
  return run.items.flatMap((item) => (item.type === 'agentMessage' ? [item.text] : []));
}

/** Faults of the connection and of the stream. */
export const CONNECTION_CASES: FaultCases = {
  'connection-closed': {
    script: failsWith({ kind: 'refuse' }),
    check: (run) => {
      expect(run.turns).toHaveLength(1);
    },
  },
  'no-first-byte': {
    script: failsWith({ kind: 'hang' }),
    check: (run) => {
      expect(firstMessage(run)).toContain('model.firstByteTimeoutSeconds');
    },
  },
  'silent-stream': {
    script: failsWith({ kind: 'hang', afterBytes: 500 }),
    check: (run) => {
      expect(firstMessage(run)).toContain('model.streamIdleTimeoutSeconds');
    },
  },
  'cut-stream': {
    script: failsWith(...CUTS.map((afterBytes) => ({ kind: 'cut' as const, afterBytes }))),
    faulty: CUTS.length,
    check: (run) => {
      expect(run.turns).toHaveLength(1);
      const broken = texts(run).filter((text) => text !== '' && TEXT.startsWith(text));
      expect(broken.length).toBeGreaterThan(0);
      expect(run.requests.at(-1)?.rawBody).not.toContain(TEXT.slice(0, 20));
    },
  },
  'reset-stream': {
    script: failsWith({ kind: 'cut', afterBytes: 600, reset: true }),
    check: (run) => {
      expect(run.turns).toHaveLength(1);
    },
  },
  'cut-in-call': {
    script: () =>
      sequence(
        {
          toolCalls: [toolCall('shell', { command: `echo ${'x'.repeat(4000)} > never.txt` })],
          fault: { kind: 'cut', afterBytes: 9000 },
        },
        DONE,
      ),
    check: (run) => {
      expect(run.items.filter((item) => item.type === 'commandExecution')).toEqual([]);
      // The arguments so far are charged.
      expect(run.ledger[0]?.usage.output).toBeGreaterThan(50);
    },
  },
  'cut-every-time': {
    script: () => () => ({ text: TEXT, fault: { kind: 'cut', afterBytes: 1300 } }),
    faulty: 30,
    check: (run) => {
      expect(run.ledger).toHaveLength(30);
      expect(run.turns.map((turn) => turn.status)).toEqual(['failed', 'failed', 'failed']);
      expect(run.goal.statusReason?.detail).toContain('the answer broke off');
    },
  },
  'malformed-event': {
    script: failsWith({ kind: 'malformed' }, { kind: 'malformed', event: 'data: <oops>\n\n' }),
    faulty: 2,
    check: (run) => {
      expect(firstMessage(run)).toContain('not valid JSON');
    },
  },
  'error-in-stream': {
    script: failsWith(
      { kind: 'streamError', error: { code: 'server_error', message: 'It fell over.' } },
      // Other servers send a text, or the error in place of a chunk.
      { kind: 'malformed', event: 'data: {"error":"It fell over."}\n\n' },
      {
        kind: 'malformed',
        event:
          'event: error\ndata: {"type":"error","code":"overloaded","message":"It fell over."}\n\n',
      },
    ),
    faulty: 2,
    check: (run, _, api) => {
      const messages = run.events
        .filter((event) => event.type === 'retry.scheduled')
        .map((event) => String(event.data['message']));
      // Chat has no events with a type: that stream merely ends.
      const told = messages.filter((message) => message.includes('It fell over.'));
      expect(told).toHaveLength(api === 'chat' ? 2 : 3);
    },
  },
  'error-in-json': {
    script: failsWith({
      kind: 'status',
      status: 200,
      body: { error: { code: 502, message: 'Upstream is away.' } },
    }),
    check: (run) => {
      expect(firstMessage(run)).toContain('Upstream is away.');
    },
  },
  'web-page': {
    script: failsWith({
      kind: 'status',
      status: 200,
      body: '\n<!doctype html><html><body><h1>Please log in</h1></body></html>',
      headers: { 'content-type': 'text/html' },
    }),
    check: (run) => {
      expect(firstMessage(run)).toContain('sent a web page');
      expect(firstMessage(run)).toContain('Please log in');
      expect(firstMessage(run)).not.toContain('<h1>');
    },
  },
};

/** The server itself goes away, so these need one of their own. */
export const ABSENCE_CASES: FaultCases = {
  'connection-refused': {
    script: () => () => DONE,
    before: (world) => world.model.goAway(),
    whileActive: async (world, threadId) => {
      await world.until(threadId, (goal) => goal.phase === 'waiting');
      await world.model.comeBack();
    },
    check: (run) => {
      expect(firstMessage(run)).toContain('is it running?');
    },
  },
};
