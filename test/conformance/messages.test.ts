import { describe, expect, it } from 'vitest';
import { conformanceRun } from './support/run-options.js';
import { readRecorded } from './support/recorded.js';
import { ReferenceSchema } from './support/reference-schema.js';

const { schemas, recorded } = conformanceRun();
const schema = new ReferenceSchema(schemas);
const said = readRecorded(recorded);
const known = [...said].filter(([, [first]]) => first !== undefined && schema.knows(first));

/** What a client needs at least to follow a goal: without these in it a recording shows nothing. */
const EXPECTED = [
  'response initialize',
  'response thread/start',
  'response thread/goal/set',
  'response thread/goal/get',
  'response turn/start',
  'notification thread/goal/updated',
  'notification turn/started',
  'notification turn/completed',
  'notification item/started',
  'notification item/completed',
  'notification item/agentMessage/delta',
];

describe('what goald says in the whole test-suite is as the schemas of the reference have it', () => {
  it('the recording has what a client follows a goal by', () => {
    const keys = known.map(([key]) => key);
    expect(EXPECTED.filter((key) => !keys.includes(key))).toEqual([]);
  });

  it.each(known)('%s', (_key, messages) => {
    const wrong = messages
      .map((message) => ({ problems: schema.problems(message), message }))
      .filter(({ problems }) => problems !== null);
    const shown = wrong
      .slice(0, 3)
      .map(
        ({ problems, message }) => `${problems?.join('\n') ?? ''}\n${JSON.stringify(message.body)}`,
      );
    expect(wrong.length, `of ${String(messages.length)}:\n${shown.join('\n')}`).toBe(0);
  });
});
