import { requests } from '@goald/protocol';
import { examplesOf, type MessageExamples } from './define.js';
import { THREAD_ID } from './samples.js';

const threadId = THREAD_ID;
const blockerId = '0199f2a0-8f42-7d85-9c31-c4f5e6d7a806';
const proposalId = '0199f2a0-9a53-7e96-8d42-d5a6f7e8b907';

const noThread = {
  'no-thread-id': { params: {}, why: 'threadId is required' },
  'thread-id-null': { params: { threadId: null }, why: 'threadId is a string' },
};
const wrongOnAnyDecision = {
  ...noThread,
  'revision-not-whole': {
    params: { threadId, expectedRevision: 1.5 },
    why: 'a revision is a whole number',
  },
  'unknown-origin': { params: { threadId, origin: 'model' }, why: 'user or automatic' },
};

export const goalPeopleExamples: readonly MessageExamples[] = [
  examplesOf(requests.goalBlockerList, { minimal: { threadId } }, noThread),
  examplesOf(
    requests.goalBlockerResolve,
    {
      'gone-without-words': { threadId },
      answered: {
        threadId,
        blockerId,
        answer: 'The key is in .env.local.',
        expectedRevision: 7,
        idempotencyKey: 'answer-1',
      },
    },
    {
      ...wrongOnAnyDecision,
      'answer-without-words': {
        params: { threadId, answer: '  ' },
        why: 'an answer says something; leave it out where nothing is to be said',
        beyondSchema: true,
      },
      'answer-as-list': { params: { threadId, answer: ['yes'] }, why: 'an answer is text' },
    },
  ),
  examplesOf(requests.goalProposalList, { minimal: { threadId } }, noThread),
  examplesOf(
    requests.goalProposalAccept,
    { minimal: { threadId }, 'one-by-id': { threadId, proposalId, expectedRevision: 7 } },
    {
      ...wrongOnAnyDecision,
      'empty-proposal-id': {
        params: { threadId, proposalId: '' },
        why: 'an id has at least one character',
      },
    },
  ),
  examplesOf(
    requests.goalProposalDecline,
    { minimal: { threadId }, 'with-a-reason': { threadId, proposalId, reason: 'Too large.' } },
    {
      ...wrongOnAnyDecision,
      'reason-empty': { params: { threadId, reason: '' }, why: 'no words' },
    },
  ),
];
