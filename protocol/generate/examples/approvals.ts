import { notifications, requests, serverRequests } from '@goald/protocol';
import { examplesOf, type MessageExamples } from './define.js';
import { THREAD_ID } from './samples.js';

const threadId = THREAD_ID;
const turnId = '0199f2a0-6d31-7b63-8a10-a2d3c4b5e604';
const itemId = '0199f2a0-7e31-7c74-8b20-b3e4d5c6f705';
const approvalId = '0199f2a0-b075-7fb8-8f64-f7c8b9a0d129';
const asked = { threadId, turnId, itemId };
const startedAtMs = 1_760_000_000_000;
const amendment = { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['npm', 'install'] } };

export const approvalExamples: readonly MessageExamples[] = [
  examplesOf(
    requests.goalApprovalList,
    { 'of-all-threads': {}, 'of-a-thread-with-decided-ones': { threadId, all: true, limit: 20 } },
    {
      'limit-too-large': { params: { limit: 100_000 }, why: '1000 at most' },
      'thread-id-empty': { params: { threadId: '' }, why: 'an id has at least one character' },
    },
  ),
  examplesOf(
    requests.goalApprovalDecide,
    {
      accepted: { approvalId, decision: 'accept' },
      'declined-with-a-reason': { approvalId, decision: 'decline', reason: 'Use the lockfile.' },
      'allowed-for-good': { approvalId, decision: amendment, idempotencyKey: 'decide-1' },
    },
    {
      'no-approval-id': { params: { decision: 'accept' }, why: 'approvalId is required' },
      'no-decision': { params: { approvalId }, why: 'decision is required' },
      'unknown-decision': { params: { approvalId, decision: 'maybe' }, why: 'no such decision' },
      'amendment-of-nothing': {
        params: {
          approvalId,
          decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: [] } },
        },
        why: 'what begins with nothing is everything',
      },
      'unknown-origin': {
        params: { approvalId, decision: 'accept', origin: 'model' },
        why: 'user or automatic',
      },
    },
  ),
  examplesOf(
    requests.goalApprovalForget,
    { minimal: { ruleId: approvalId } },
    {
      'no-rule-id': { params: {}, why: 'ruleId is required' },
      'rule-id-empty': { params: { ruleId: '' }, why: 'an id has at least one character' },
    },
  ),
  examplesOf(
    serverRequests.commandExecutionRequestApproval,
    {
      'a-command': {
        kind: 'command',
        ...asked,
        startedAtMs,
        reason: null,
        approvalId: null,
        environmentId: null,
        command: 'npm install left-pad',
        cwd: '/home/ada/project',
        commandActions: [{ type: 'unknown', command: 'npm install left-pad' }],
        proposedExecpolicyAmendment: ['npm', 'install', 'left-pad'],
        availableDecisions: ['accept', 'acceptForSession', amendment, 'decline', 'cancel'],
      },
    },
    {
      'no-command': { params: { kind: 'command', ...asked }, why: 'command is required' },
      'no-item': { params: { kind: 'command', threadId, turnId }, why: 'itemId is required' },
    },
  ),
  examplesOf(
    serverRequests.fileChangeRequestApproval,
    { 'of-an-item': { ...asked, startedAtMs, reason: null, grantRoot: null } },
    {
      'no-item': { params: { threadId, turnId, startedAtMs }, why: 'itemId is required' },
      'no-thread': { params: { turnId, itemId, startedAtMs }, why: 'threadId is required' },
    },
  ),
  examplesOf(
    serverRequests.toolRequestUserInput,
    {
      'one-question': {
        ...asked,
        questions: [
          {
            id: approvalId,
            header: 'Question',
            question: 'Which database shall it use?',
            isOther: true,
            isSecret: false,
            options: null,
          },
        ],
        isBlocking: true,
        autoResolutionMs: null,
      },
    },
    {
      'no-questions': { params: asked, why: 'questions is required' },
      'questions-as-text': { params: { ...asked, questions: 'why?' }, why: 'a list' },
    },
  ),
  examplesOf(notifications.serverRequestResolved, {
    minimal: { threadId, requestId: approvalId, emittedAtMs: startedAtMs },
  }),
];
