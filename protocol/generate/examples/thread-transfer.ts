import { requests } from '@goald/protocol';
import { examplesOf, type MessageExamples } from './define.js';
import { AT_MS, THREAD_ID } from './samples.js';

const IMPORT_ID = '01980f2e-7c11-7b3a-9d7c-5a1b2c3d4e5f';
const header = {
  type: 'header',
  format: 'goald-export',
  version: 1,
  schema: 1,
  exportedAtMs: AT_MS,
  daemonVersion: '0.1.0',
};

export const threadTransferExamples: readonly MessageExamples[] = [
  examplesOf(
    requests.threadExport,
    { minimal: { threadId: THREAD_ID }, page: { threadId: THREAD_ID, limit: 100, cursor: 'WzFd' } },
    {
      'no-thread-id': { params: {}, why: 'threadId is required' },
      'limit-too-large': {
        params: { threadId: THREAD_ID, limit: 1001 },
        why: 'a page has at most 1000 entries',
      },
    },
  ),
  examplesOf(
    requests.threadImport,
    {
      'first-page': { importId: IMPORT_ID, firstLine: 1, rows: [header], isLast: false },
      'last-page': {
        importId: IMPORT_ID,
        firstLine: 2,
        rows: [{ type: 'end', rows: 1 }],
        isLast: true,
        cwd: '/home/ada/minimist',
      },
    },
    {
      'line-zero': {
        params: { importId: IMPORT_ID, firstLine: 0, rows: [], isLast: true },
        why: 'lines are counted from 1',
      },
      'no-import-id': {
        params: { firstLine: 1, rows: [], isLast: true },
        why: 'importId is required',
      },
      'rows-as-text': {
        params: { importId: IMPORT_ID, firstLine: 1, rows: '{}', isLast: true },
        why: 'rows are objects, not text',
      },
    },
  ),
];
