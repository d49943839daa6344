import { notifications, requests } from '@goald/protocol';
import { examplesOf, type MessageExamples } from './define.js';

const clientInfo = { name: 'my-editor', version: '1.4.0' };

export const initializeExamples: readonly MessageExamples[] = [
  examplesOf(
    requests.initialize,
    {
      minimal: { clientInfo },
      'with-capabilities': {
        clientInfo: { ...clientInfo, title: 'My Editor' },
        capabilities: {
          experimentalApi: true,
          requiredHumanApproval: false,
          optOutNotificationMethods: [notifications.agentMessageDelta.method],
        },
      },
      'capabilities-null': { clientInfo, capabilities: null },
      'unknown-field-ignored': { clientInfo, ...{ somethingNewer: true } },
    },
    {
      'no-client-info': { params: {}, why: 'clientInfo is required' },
      'empty-name': {
        params: { clientInfo: { name: '', version: '1' } },
        why: 'the name must not be empty',
      },
      'no-version': { params: { clientInfo: { name: 'x' } }, why: 'version is required' },
      'name-too-long': {
        params: { clientInfo: { name: 'x'.repeat(201), version: '1' } },
        why: 'a name has at most 200 characters',
      },
      'opt-out-not-a-list': {
        params: { clientInfo, capabilities: { optOutNotificationMethods: 'all' } },
        why: 'optOutNotificationMethods is a list of methods',
      },
      'params-a-list': { params: [clientInfo], why: 'parameters are given by name' },
    },
  ),
  examplesOf(
    notifications.initialized,
    { 'without-params': undefined, 'empty-params': {}, 'null-params': null },
    { 'params-a-list': { params: [], why: 'parameters are given by name' } },
  ),
];
