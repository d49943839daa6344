import { onVisibleLine } from '@goald/cli/output/approval-text.js';
import { choicesOf, decisionQuestion, readDecision } from '@goald/cli/people/decision-prompt.js';
import { expect, it } from 'vitest';

const AMENDMENT = { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['npm', 'test'] } };
const CHOICES = choicesOf(['accept', 'acceptForSession', AMENDMENT, 'decline', 'cancel']);

it('offers what the request offers, each under a key of its own', () => {
  expect(decisionQuestion(CHOICES)).toBe('  [y/s/a/n/p] > ');
  expect(CHOICES.find(({ key }) => key === 'a')?.label).toContain('"npm test"');
  expect(decisionQuestion(choicesOf(['accept', 'cancel']))).toBe('  [y/p] > ');
});

it.each([
  ['y', 'accept', null],
  [' YES ', 'accept', null],
  ['s', 'acceptForSession', null],
  ['a', AMENDMENT, null],
  ['n', 'decline', null],
  ['No', 'decline', null],
  ['n because it is  wrong', 'decline', 'because it is  wrong'],
  ['no, it is wrong', 'decline', 'it is wrong'],
  ['p', 'cancel', null],
])('reads %j', (typed, decision, reason) => {
  expect(readDecision(typed, CHOICES)).toEqual({ decision, reason });
});

it.each(['', ' ', 'x', 'yn', 'y but not now', 'accept', 'yes please', 'p n', 'constructor'])(
  'takes %j for no answer',
  (typed) => {
    expect(readDecision(typed, CHOICES)).toBeNull();
  },
);

it('a choice that is not offered cannot be typed', () => {
  expect(readDecision('a', choicesOf(['accept', 'decline']))).toBeNull();
});

it('what somebody decides by shows every character, on one line', () => {
  expect(onVisibleLine('a\u001b]0;x\u0007b\u202ec\r\nd\n')).toBe(
    'a\\u{1b}]0;x\\u{7}b\\u{202e}c\\u{d} ⏎ d',
  );
});
