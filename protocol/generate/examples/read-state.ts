import { notifications, requests } from '@goald/protocol';
import { examplesOf, type MessageExamples } from './define.js';
import { AT_MS, THREAD_ID, TURN_ID } from './samples.js';

const threadId = THREAD_ID;
const expectedRevision = '0199f2a0-8f42-7d85-9c30-c4f5e6d7a806';

export const readStateExamples: readonly MessageExamples[] = [
  examplesOf(
    requests.threadReadStateUpdate,
    {
      read: { threadId, operation: { type: 'read' }, expectedRevision },
      unread: { threadId, operation: { type: 'unread' }, expectedRevision },
    },
    {
      'no-revision': {
        params: { threadId, operation: { type: 'read' } },
        why: 'expectedRevision says what the person saw',
      },
      'unknown-operation': {
        params: { threadId, operation: { type: 'skim' }, expectedRevision },
        why: 'a thread is read or unread',
      },
    },
  ),
  examplesOf(notifications.threadReadStateChanged, {
    'something-new': {
      threadId,
      readState: {
        firstUnread: { type: 'turn', turnId: TURN_ID },
        revision: expectedRevision,
      },
      emittedAtMs: AT_MS,
    },
    'all-read': {
      threadId,
      readState: { firstUnread: null, revision: expectedRevision },
      emittedAtMs: AT_MS,
    },
  }),
];
