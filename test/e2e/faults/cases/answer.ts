import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  calls,
  sequence,
  toolCall,
  type Fault,
  type Script,
} from '../../../helpers/model-server/index.js';
import type { FaultCases } from '../support/fault-case.js';
import type { FaultRun, FaultWorld } from '../support/fault-world.js';
import { DONE } from '../support/replies.js';

const FIFTY_MB = 50 * 1024 * 1024;
const APPEND = calls(toolCall('shell', { command: 'echo x >> out.txt' }));

/** Makes one call in a stream with this fault; makes it again, whole, if it was not run. */
function callUnder(fault: Fault): () => Script {
  return () => {
    let asked = 0;
    return (request) => {
      asked += 1;
      if (asked === 1) return { ...APPEND, fault };
      const ran = request.lastToolOutputs.some((output) => output.includes('exit code 0'));
      return ran ? DONE : APPEND;
    };
  };
}

/** The command ran once, however its call came. */
async function ranOnce(run: FaultRun): Promise<void> {
  expect(await readFile(join(run.repository, 'out.txt'), 'utf8')).toBe('x\n');
}

function flooded(as: 'text' | 'call' | 'event'): () => Script {
  return () => sequence({ text: 'I begin.', fault: { kind: 'flood', bytes: FIFTY_MB, as } }, DONE);
}

/** The flood was cut off, and left little behind. */
async function cutOff(run: FaultRun, world: FaultWorld): Promise<void> {
  const texts = run.items.flatMap((item) => (item.type === 'agentMessage' ? [item.text] : []));
  expect(texts.filter((text) => text.includes('goald cut this answer'))).toHaveLength(1);
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(20_000);
  expect(run.requests[0]?.state).not.toBe('sent');
  expect(run.requests[1]?.rawBody).toContain('smaller steps');
  expect(run.requests[1]?.rawBody.length).toBeLessThan(200_000);
  expect((await stat(world.daemon.paths.database)).size).toBeLessThan(10_000_000);
  expect(run.items.filter((item) => item.type === 'commandExecution')).toEqual([]);
}

/** Answers that came, and are no help. */
export const ANSWER_CASES: FaultCases = {
  refusal: {
    script: () => () => ({ text: 'I cannot help with that.', finish: 'refusal' }),
    faulty: 3,
    check: (run) => {
      expect(run.goal).toMatchObject({ turnsUsed: 3 });
      expect(run.goal.statusReason?.detail).toContain('I cannot help with that.');
    },
  },
  'empty-answer': {
    script: () => () => ({ usage: { input: 50, output: 1 } }),
    faulty: 3,
    check: (run) => {
      expect(run.goal).toMatchObject({ turnsUsed: 3 });
      expect(run.requests[1]?.rawBody).toContain('Your last answer was empty');
    },
  },
  'no-usage': {
    script: () => sequence({ ...APPEND, usage: null }, DONE),
    check: (run) => {
      expect(run.ledger.map((row) => row.estimated)).toEqual([true, false]);
    },
  },
  'broken-call': {
    script: () =>
      sequence(
        calls(toolCall('shell', '{"command": "echo'), toolCall('shell', '[]')),
        calls(toolCall('shell', '{"command": "echo')),
        DONE,
      ),
    faulty: 2,
    check: (run) => {
      const statuses = run.items.flatMap((item) => ('status' in item ? [item.status] : []));
      expect(statuses.filter((status) => status === 'failed').length).toBeGreaterThanOrEqual(3);
      for (const sent of argumentsIn(run.requests.at(-1)?.body)) {
        expect(JSON.parse(sent)).toEqual(expect.any(Object));
      }
    },
  },
  'unknown-tool': {
    script: () =>
      sequence(
        calls(toolCall('fly', { to: 'the moon' }), toolCall('functions.shell<|x|>', {})),
        DONE,
      ),
    check: (run) => {
      const next = run.requests[1]?.rawBody ?? '';
      expect(next).toContain('There is no tool named');
      expect(next).toContain('functions_shell__x__');
    },
  },
  'many-calls': {
    script: () =>
      sequence(
        calls(
          ...Array.from({ length: 150 }, (_, n) =>
            toolCall('read_file', { path: 'a.txt', limit: n + 1 }),
          ),
          ...Array.from({ length: 50 }, (_, n) => toolCall(`no_tool_${String(n)}`, {})),
        ),
        DONE,
      ),
    check: (run) => {
      const outputs = run.requests[1]?.rawBody.match(/There is no tool named/g) ?? [];
      expect(outputs).toHaveLength(50);
      expect(run.ledger[0]?.toolCalls).toHaveLength(200);
      expect(run.turns).toHaveLength(1);
    },
  },
  'repeated-events': { script: callUnder({ kind: 'repeat' }), check: ranOnce },
  'reordered-events': { script: callUnder({ kind: 'reorder' }), check: ranOnce },
  'long-text': {
    script: flooded('text'),
    check: async (run, world) => {
      await cutOff(run, world);
      const cut = run.items.find((item) => item.type === 'agentMessage');
      expect(cut).toMatchObject({ text: expect.stringContaining('flood flood') as string });
      expect(run.ledger[0]?.usage.output).toBeGreaterThan(100_000);
    },
  },
  'long-call': {
    script: flooded('call'),
    check: async (run, world) => {
      await cutOff(run, world);
      expect(run.ledger[0]?.usage.output).toBeGreaterThan(100_000);
    },
  },
  'endless-event': { script: flooded('event'), check: cutOff },
};

/** The arguments of every call in a request's history, of either API. */
function argumentsIn(body: unknown): string[] {
  const found: string[] = [];
  JSON.stringify(body, (key, value: unknown) => {
    if (key === 'arguments' && typeof value === 'string') found.push(value);
    return value;
  });
  expect(found.length).toBeGreaterThan(0);
  return found;
}
