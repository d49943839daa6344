import {
  PlanSplitter,
  splitPlan,
  type PlanPiece,
} from '@goald/server/engine/planning/plan-splitter.js';
import { describe, expect, it } from 'vitest';

const PLAN = 'First\n<proposed_plan>\n# T\n\n1. a <b>\n</proposed_plan>\nLast';

const letters = (text: string): string[] => text.split(/(?:)/u);

/** What comes of a text that streams in these parts, joined as clients join it. */
function streamed(parts: readonly string[]): { text: string; plan: string; begins: number } {
  const splitter = new PlanSplitter();
  const pieces: PlanPiece[] = [...parts.flatMap((part) => splitter.push(part)), ...splitter.end()];
  const of = (kind: 'text' | 'plan'): string =>
    pieces.map((piece) => (piece.kind === kind ? piece.text : '')).join('');
  return {
    text: of('text'),
    plan: of('plan'),
    begins: pieces.filter(({ kind }) => kind === 'begin').length,
  };
}

describe('a text with a plan', () => {
  it('is told apart, however it is cut', () => {
    const whole = { text: 'First\nLast', plan: '# T\n\n1. a <b>\n', begins: 1 };
    expect(streamed([PLAN])).toEqual(whole);
    expect(streamed(letters(PLAN))).toEqual(whole);
    for (let at = 1; at < PLAN.length; at += 1) {
      expect(streamed([PLAN.slice(0, at), PLAN.slice(at)])).toEqual(whole);
    }
    expect(splitPlan(PLAN)).toEqual({ text: whole.text, plan: whole.plan });
  });

  it('streams: a line that cannot become a tag is not held back', () => {
    const splitter = new PlanSplitter();
    expect(splitter.push('Hel')).toEqual([{ kind: 'text', text: 'Hel' }]);
    expect(splitter.push('lo\n<proposed')).toEqual([{ kind: 'text', text: 'lo\n' }]);
    expect(splitter.push(' it>')).toEqual([{ kind: 'text', text: '<proposed it>' }]);
    expect(splitter.push('\n<proposed_plan>\n- x')).toEqual([
      { kind: 'text', text: '\n' },
      { kind: 'begin' },
      { kind: 'plan', text: '- x' },
    ]);
  });

  it.each([
    ['blanks around a tag', ' <proposed_plan> \r\n- x\n\t</proposed_plan>\n', '', '- x\n'],
    ['a plan that nobody ended', 'Hi\n<proposed_plan>\n- x', 'Hi\n', '- x'],
    [
      'an end tag without a line break behind it',
      '<proposed_plan>\nx\n</proposed_plan>',
      '',
      'x\n',
    ],
    ['a begin within a plan', '<proposed_plan>\n<proposed_plan>\n', '', '<proposed_plan>\n'],
    ['an empty plan', '<proposed_plan>\n</proposed_plan>', '', ''],
  ])('%s', (_, whole, text, plan) => {
    expect(splitPlan(whole)).toEqual({ text, plan });
    expect(streamed(letters(whole))).toEqual({ text, plan, begins: 1 });
  });

  it('that holds two counts with the last', () => {
    const one = (name: string): string => `<proposed_plan>\n${name}\n</proposed_plan>\n`;
    expect(splitPlan(`${one('a')}or\n${one('b')}`)).toEqual({ text: 'or\n', plan: 'b\n' });
  });
});

it.each([
  'Just words.',
  'The tag <proposed_plan> within a line\n',
  '  <proposed_plan> and more\n',
  '</proposed_plan>\n',
  '<proposed_plan',
  '\n\n  \n',
  '',
])('a text without a plan stays as it is: %j', (whole) => {
  expect(splitPlan(whole)).toEqual({ text: whole, plan: null });
  expect(streamed(letters(whole))).toEqual({ text: whole, plan: '', begins: 0 });
});
