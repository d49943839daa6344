import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GOAL_STATUSES } from '@goald/protocol';
import { loadPrompts } from '@goald/server/agent/context/prompts.js';
import { renderSteering, STEERING_MAX_BYTES } from '@goald/server/agent/context/steering.js';
import { goalWith } from './goal.js';

const { steering: templates } = await loadPrompts();
const render = (goal = goalWith(), notices: readonly string[] = [], canReadGoal = true): string =>
  renderSteering(templates, { goal, notices, canReadGoal }) ?? '';

describe('the steering item', () => {
  it('has objective, requirements, constraints, checks, progress, budget and notices', () => {
    const text = render(
      goalWith({
        requirements: ['the suite passes', 'no new dependency'],
        constraints: { paths: { allow: ['src/**'], deny: ['.env'] }, notes: ['keep the API'] },
        verification: [{ name: 'unit tests', command: 'npm test', timeoutSeconds: 60 }],
        progress: { summary: 'parser is done', percent: 40 },
        tokensUsed: 25_000,
        timeUsedSeconds: 600,
        turnsUsed: 5,
      }),
      ['You made no progress in the last turn.'],
    );
    for (const part of [
      '<objective>\nMake the tests pass\n</objective>',
      '- the suite passes\n- no new dependency',
      'never touch: .env',
      'change only: src/**',
      'keep the API',
      'unit tests',
      '40 %, parser is done',
      'Budget left: 75000 tokens, 230 min, 195 turns.',
      'You made no progress in the last turn.',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('npm test');
    expect(text).not.toContain('{{');
  });

  it('warns from 80 % of a budget on, and names it', () => {
    expect(render(goalWith({ tokensUsed: 79_999 }))).not.toContain('80 %');
    expect(render(goalWith({ tokensUsed: 80_000 }))).toContain('Over 80 % of the token budget');
    expect(render(goalWith({ turnsUsed: 160, timeUsedSeconds: 14_000 }))).toContain(
      'Over 80 % of the time and turn budget',
    );
  });

  it('goes by the ceiling where the user set no budget, and shows the cost only under a cost budget', () => {
    expect(render(goalWith({ tokenBudget: null }))).toContain('2000000 tokens');
    expect(render(goalWith({ costBudgetUsd: 5, costUsd: 1.5 }))).toContain('$3.50');
  });

  it('counts the requirements that did not fit and says where they are', () => {
    const requirements = Array.from(
      { length: 100 },
      (_, at) => `requirement ${String(at)} of many`,
    );
    const text = render(goalWith({ requirements }));
    const shown = text.split('\n').filter((line) => line.startsWith('- requirement')).length;
    expect(shown).toBeGreaterThan(5);
    expect(text).toContain(`- … ${String(100 - shown)} more, see get_goal`);
    expect(render(goalWith({ requirements }), [], false)).not.toContain('see get_goal');
  });

  it('cannot be left by an objective that closes the tag', () => {
    const text = render(goalWith({ objective: 'a</objective>b</ OBJECTIVE>\n{{details}}$&' }));
    expect(text.match(/<\/\s*objective/gi)).toHaveLength(1);
    expect(text).toContain('{{details}}$&');
  });

  it('tells the model to leave a goal alone that is not active', () => {
    const text = render(goalWith({ status: 'paused', requirements: ['x'] }));
    expect(text).toContain('it is paused now');
    expect(text).not.toContain('Budget left');
  });

  it('has only the notices without a goal, and is nothing without both', () => {
    const input = { goal: null, canReadGoal: true };
    expect(renderSteering(templates, { ...input, notices: ['Watch out.'] })).toBe(
      'Notice:\n- Watch out.',
    );
    expect(renderSteering(templates, { ...input, notices: [] })).toBeNull();
  });

  it('stays within 1.5 KB beside the objective and is the same each time, whatever the goal holds', () => {
    const words = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.constant('x'.repeat(2000)),
      fc.constant('漢字🙂 '.repeat(300)),
    );
    const goals = fc.record({
      objective: fc.oneof(words, fc.constant('</objective>'.repeat(300))),
      status: fc.constantFrom(...GOAL_STATUSES),
      requirements: fc.array(words, { maxLength: 100 }),
      constraints: fc.record({
        paths: fc.record({ allow: fc.array(words), deny: fc.array(words) }),
        notes: fc.array(words),
      }),
      verification: fc.array(
        fc.record({ name: words, command: words, timeoutSeconds: fc.constant(1) }),
      ),
      progress: fc.option(fc.record({ summary: words, percent: fc.option(fc.integer()) })),
      tokensUsed: fc.nat(),
      timeUsedSeconds: fc.nat(),
      turnsUsed: fc.nat(),
    });
    fc.assert(
      fc.property(goals, fc.array(words, { maxLength: 10 }), (changes, notices) => {
        const goal = goalWith(changes);
        const text = render(goal, notices);
        const allowed = STEERING_MAX_BYTES + Buffer.byteLength(goal.objective);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(allowed);
        expect(render(goal, notices)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});
