import { judgeTurn, sign, stableDigest } from '@goald/server/goals/progress.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** The numbers of the design: 2 s after one turn, 10 s after two, stop after three. */
const RULES = { delaysMs: [2_000, 10_000], turns: 3 };

describe('turns without progress', () => {
  it('after progress the next turn starts at once', () => {
    expect(judgeTurn({ progressed: true, idleTurnsBefore: 0 }, RULES)).toEqual({
      kind: 'go',
      idleTurns: 0,
    });
  });

  it('progress makes good for all idle turns before it', () => {
    expect(judgeTurn({ progressed: true, idleTurnsBefore: 2 }, RULES)).toEqual({
      kind: 'go',
      idleTurns: 0,
    });
  });

  it('the first idle turn delays the next by 2 s', () => {
    expect(judgeTurn({ progressed: false, idleTurnsBefore: 0 }, RULES)).toEqual({
      kind: 'slow',
      idleTurns: 1,
      delayMs: 2_000,
    });
  });

  it('the second idle turn delays the next by 10 s', () => {
    expect(judgeTurn({ progressed: false, idleTurnsBefore: 1 }, RULES)).toEqual({
      kind: 'slow',
      idleTurns: 2,
      delayMs: 10_000,
    });
  });

  it('the third idle turn stops the goal', () => {
    expect(judgeTurn({ progressed: false, idleTurnsBefore: 2 }, RULES)).toEqual({
      kind: 'stop',
      idleTurns: 3,
    });
  });

  it('the last delay given holds for all later idle turns', () => {
    expect(
      judgeTurn({ progressed: false, idleTurnsBefore: 4 }, { delaysMs: [1, 5], turns: 9 }),
    ).toEqual({ kind: 'slow', idleTurns: 5, delayMs: 5 });
  });

  it('no sequence of turns idles longer than the rule allows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        (turns, most) => {
          let idle = 0;
          for (const progressed of turns) {
            const before = idle;
            const rules = { ...RULES, turns: most };
            const verdict = judgeTurn({ progressed, idleTurnsBefore: before }, rules);
            idle = verdict.idleTurns;
            expect(idle).toBe(progressed ? 0 : before + 1);
            expect(verdict.kind === 'stop').toBe(!progressed && before + 1 >= most);
            if (verdict.kind === 'stop') return;
          }
        },
      ),
    );
  });
});

describe('signs of progress', () => {
  it('differ from one kind to the other', () => {
    const all = [
      sign.tree('x'),
      sign.planStep('x'),
      sign.finding('x'),
      sign.userInput('x'),
      sign.verification({ name: 'x', exitCode: 1, timedOut: false }, 'x'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('a verification that fails in another way is a new sign', () => {
    const failed = { name: 'test', exitCode: 1, timedOut: false };
    const signs = [
      sign.verification(failed, 'a'),
      sign.verification(failed, 'b'),
      sign.verification({ ...failed, exitCode: 2 }, 'a'),
      sign.verification({ ...failed, name: 'lint' }, 'a'),
      sign.verification({ ...failed, timedOut: true }, 'a'),
    ];
    expect(new Set(signs).size).toBe(signs.length);
  });

  it.each([
    ['durations', 'ok 1 (12 ms)', 'ok 1 (9.5 ms)'],
    ['seconds', 'Time: 3.21 s', 'Time: 4.02 s'],
    ['timestamps', 'at 2024-01-02T03:04:05.678Z', 'at 2025-11-12T13:14:15.001Z'],
    ['addresses', 'object at 0x7f00aa', 'object at 0x55ee01'],
    ['TAP durations', '  duration_ms: 1.25', '  duration_ms: 99'],
  ])('an output that differs only by %s is the same output', (_what, one, other) => {
    expect(stableDigest(one)).toBe(stableDigest(other));
  });

  it('an output with other results is another output', () => {
    expect(stableDigest('3 failed')).not.toBe(stableDigest('2 failed'));
    expect(stableDigest('expected 5')).not.toBe(stableDigest('expected 6'));
  });
});
