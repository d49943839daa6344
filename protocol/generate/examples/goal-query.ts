import { notifications, requests } from '@goald/protocol';
import { examplesOf, type MessageExamples } from './define.js';
import { AT_MS, GOAL_ID, sampleEvent, SUBSCRIPTION_ID, THREAD_ID } from './samples.js';

const wrongReference = {
  neither: { params: {}, why: 'give exactly one of threadId and goalId' },
  both: {
    params: { threadId: THREAD_ID, goalId: GOAL_ID },
    why: 'give exactly one of threadId and goalId',
  },
  'goal-id-empty': { params: { goalId: '' }, why: 'an id has at least one character' },
};

export const goalQueryExamples: readonly MessageExamples[] = [
  examplesOf(
    requests.goalList,
    {
      minimal: {},
      'one-status': { status: 'active' },
      'two-statuses-of-a-folder': {
        status: ['blocked', 'budgetLimited'],
        cwd: '/home/ada/minimist',
        limit: 10,
      },
    },
    {
      'unknown-status': { params: { status: 'running' }, why: 'no such status' },
      'limit-too-large': { params: { limit: 1001 }, why: 'a page has at most 1000 entries' },
    },
  ),
  examplesOf(
    requests.goalWait,
    {
      minimal: { threadId: THREAD_ID },
      'for-completion': { threadId: THREAD_ID, until: ['complete'], timeoutMs: 600_000 },
    },
    {
      'no-thread-id': { params: {}, why: 'threadId is required' },
      'until-nothing': {
        params: { threadId: THREAD_ID, until: [] },
        why: 'it would wait for ever',
      },
      'timeout-negative': {
        params: { threadId: THREAD_ID, timeoutMs: -1 },
        why: 'a time is not negative',
      },
      'timeout-over-a-day': {
        params: { threadId: THREAD_ID, timeoutMs: 86_400_001 },
        why: 'at most 24 hours',
      },
    },
  ),
  examplesOf(
    requests.goalReport,
    { 'of-a-thread': { threadId: THREAD_ID }, 'of-a-past-goal': { goalId: GOAL_ID } },
    wrongReference,
  ),
  examplesOf(
    requests.goalUsage,
    {
      'of-a-thread': { threadId: THREAD_ID },
      'next-page-of-a-goal': {
        goalId: GOAL_ID,
        threadId: null,
        cursor: 'eyJvIjoxMDB9',
        limit: 100,
      },
    },
    {
      ...wrongReference,
      'limit-zero': { params: { goalId: GOAL_ID, limit: 0 }, why: 'a page has at least one entry' },
    },
  ),
  examplesOf(
    requests.goalVerify,
    { minimal: { threadId: THREAD_ID } },
    {
      'no-thread-id': { params: {}, why: 'threadId is required' },
      'thread-id-empty': { params: { threadId: '' }, why: 'an id has at least one character' },
    },
  ),
  examplesOf(
    requests.goalEventsList,
    {
      minimal: {},
      'of-a-goal-since': { goalId: GOAL_ID, sinceSeq: 4182, limit: 5000 },
    },
    {
      'since-negative': { params: { sinceSeq: -1 }, why: 'a seq is not negative' },
      'limit-too-large': { params: { limit: 5001 }, why: 'a page has at most 5000 events' },
    },
  ),
  examplesOf(
    requests.goalSubscribe,
    {
      minimal: {},
      'from-a-cursor': { sinceSeq: 4182, storeEpoch: 'f2c1' },
      filtered: { threadIds: [THREAD_ID], types: ['goal.statusChanged', 'turn.completed'] },
    },
    {
      'unknown-type': { params: { types: ['goal.exploded'] }, why: 'no such event type' },
      'no-thread': { params: { threadIds: [] }, why: 'an empty filter would hear nothing' },
      'since-as-text': { params: { sinceSeq: '4182' }, why: 'a seq is a number' },
    },
  ),
  examplesOf(
    requests.goalUnsubscribe,
    { minimal: { subscriptionId: SUBSCRIPTION_ID } },
    {
      'no-subscription-id': { params: {}, why: 'subscriptionId is required' },
      'empty-subscription-id': {
        params: { subscriptionId: '' },
        why: 'an id has at least one character',
      },
    },
  ),
  examplesOf(notifications.goalEvent, {
    'of-a-goal': { ...sampleEvent, subscriptionId: SUBSCRIPTION_ID, emittedAtMs: AT_MS },
    'of-the-daemon': {
      ...sampleEvent,
      type: 'daemon.started',
      threadId: null,
      goalId: null,
      turnId: null,
      revision: null,
      data: {},
      subscriptionId: SUBSCRIPTION_ID,
      emittedAtMs: AT_MS,
    },
  }),
];
