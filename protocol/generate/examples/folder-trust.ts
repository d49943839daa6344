import { requests } from '@goald/protocol';
import { examplesOf, type MessageExamples } from './define.js';

const FOLDER = '/home/ada/minimist';

export const folderTrustExamples: readonly MessageExamples[] = [
  examplesOf(
    requests.folderTrustRead,
    { folder: { cwd: FOLDER } },
    {
      'no-folder': { params: {}, why: 'cwd is required' },
      'empty-folder': { params: { cwd: '' }, why: 'cwd is an absolute path' },
    },
  ),
  examplesOf(
    requests.folderTrustSet,
    {
      trust: { path: FOLDER, trust: 'trusted' },
      'take-back': { path: FOLDER, trust: null, idempotencyKey: 'revoke-1' },
    },
    {
      'no-answer': { params: { path: FOLDER }, why: 'trust is required; null takes it back' },
      'unknown-answer': {
        params: { path: FOLDER, trust: 'maybe' },
        why: 'trust is trusted, untrusted or null',
      },
    },
  ),
  examplesOf(
    requests.folderTrustList,
    { all: {} },
    {
      'params-as-list': { params: [], why: 'params are an object' },
      'params-as-text': { params: 'all', why: 'params are an object' },
    },
  ),
];
