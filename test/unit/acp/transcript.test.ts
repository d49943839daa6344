import { Transcript } from '@goald/cli/acp/transcript.js';
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import type { ThreadItem } from '@goald/protocol';
import { expect, it } from 'vitest';

interface Heard extends Disposable {
  readonly transcript: Transcript;
  readonly updates: SessionUpdate[];
  said(): string;
}

function heard(): Heard {
  const updates: SessionUpdate[] = [];
  const transcript = new Transcript({
    cwd: '/repo',
    emit: (update) => updates.push(update),
    knows: () => false,
  });
  return {
    transcript,
    updates,
    said: () =>
      updates
        .map((update) => {
          const isChunk =
            update.sessionUpdate === 'agent_message_chunk' ||
            update.sessionUpdate === 'agent_thought_chunk';
          return isChunk && update.content.type === 'text' ? update.content.text : '|';
        })
        .join(''),
    [Symbol.dispose]: () => {
      transcript[Symbol.dispose]();
    },
  };
}

function message(id: string, text: string): ThreadItem {
  const nothing = { moderation: null, memoryCitation: null, delivery: null, questions: null };
  return { type: 'agentMessage', id, text, phase: null, ...nothing };
}

function thought(id: string, ...summary: string[]): ThreadItem {
  return { type: 'reasoning', id, summary, content: [] };
}

it('a message in pieces is told piece by piece, and its end adds only what was not heard', () => {
  using at = heard();
  at.transcript.started(message('a', ''));
  at.transcript.messageDelta('a', 'Hel');
  at.transcript.messageDelta('a', 'lo');
  at.transcript.completed(message('a', 'Hello.'));
  at.transcript.completed(message('a', 'Hello.'));
  at.transcript.messageDelta('a', 'late');
  expect(at.updates).toHaveLength(3);
  expect(at.said()).toBe('Hello.');
});

it('messages that follow each other are set apart, and those with a call between them are not', () => {
  using at = heard();
  at.transcript.completed(message('a', 'One.'));
  at.transcript.completed(message('b', 'Two.'));
  at.transcript.note('1', '> noted');
  at.transcript.update({ sessionUpdate: 'usage_update', used: 1, size: 2 });
  at.transcript.completed(message('c', 'Three.'));
  at.transcript.started({ type: 'contextCompaction', id: 'd' });
  at.transcript.completed(message('e', 'Four.'));
  expect(at.said()).toBe('One.\n\nTwo.\n\n> noted|\n\nThree.|Four.');
});

it('the parts of a thought are set apart as in its whole text, so none is told twice', () => {
  using at = heard();
  at.transcript.thoughtDelta('a', 'First', 0);
  at.transcript.thoughtDelta('a', ' this.', 0);
  at.transcript.thoughtDelta('a', 'Then that.', 1);
  at.transcript.completed(thought('a', 'First this.', 'Then that.'));
  expect(at.said()).toBe('First this.\n\nThen that.');
});

it('a plan stands apart from the words around it, and is told once', () => {
  using at = heard();
  const plan = (text: string): ThreadItem => ({ type: 'plan', id: 'p', text });
  at.transcript.messageDelta('a', 'I looked.');
  at.transcript.started(plan(''));
  at.transcript.messageDelta('p', '1. Do');
  at.transcript.completed(plan('1. Do it'));
  at.transcript.completed(message('a', 'I looked.'));
  expect(at.said()).toBe('I looked.\n\n1. Do it');
});

it('over a lost connection a message is told whole and once, whatever pieces were missed or come twice', () => {
  using at = heard();
  at.transcript.messageDelta('a', 'One ');
  at.transcript.tear();
  at.transcript.read(message('a', 'One two '), false);
  at.transcript.messageDelta('a', 'two ');
  at.transcript.messageDelta('a', 'three');
  at.transcript.completed(message('a', 'One two three.'));
  expect(at.said()).toBe('One two three.');
});

it('a message that ended as another than it began is told whole once more', () => {
  using at = heard();
  at.transcript.messageDelta('a', 'Well, ');
  at.transcript.completed(message('a', 'No.'));
  expect(at.said()).toBe('Well, \n\nNo.');
});

it('what was read as done is never told when it is skipped', () => {
  using at = heard();
  at.transcript.skip('a');
  at.transcript.started(message('a', ''));
  at.transcript.completed(message('a', 'Old.'));
  expect(at.updates).toEqual([]);
});
