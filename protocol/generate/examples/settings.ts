import { notifications, requests } from '@goald/protocol';
import { examplesOf, type MessageExamples, type RefusedExample } from './define.js';
import { AT_MS, ITEM_ID, THREAD_ID, TURN_ID } from './samples.js';

const FOLDER = '/home/ada/minimist';
const TRUST = 'projects."/home/ada/minimist".trust_level';

const noObject: Readonly<Record<string, RefusedExample>> = {
  'params-as-list': { params: [], why: 'params are an object' },
  'params-as-text': { params: 'all', why: 'params are an object' },
};
const badPage: Readonly<Record<string, RefusedExample>> = {
  'limit-zero': { params: { limit: 0 }, why: 'a page has at least one entry' },
  'limit-too-large': { params: { limit: 1001 }, why: 'a page has at most 1000 entries' },
};
const badFolders: Readonly<Record<string, RefusedExample>> = {
  'one-folder': { params: { cwds: FOLDER }, why: 'cwds is a list' },
  'folder-no-text': { params: { cwds: [1] }, why: 'a folder is an absolute path' },
};

/** What clients of the dialect ask for before they show anything. */
export const settingsExamples: readonly MessageExamples[] = [
  examplesOf(
    requests.accountRead,
    { minimal: {} },
    {
      ...noObject,
      'refresh-no-boolean': { params: { refreshToken: 'yes' }, why: 'true or false' },
    },
  ),
  examplesOf(
    requests.configRead,
    { minimal: {}, 'of-a-folder': { cwd: FOLDER, includeLayers: true } },
    {
      'folder-no-text': { params: { cwd: 1 }, why: 'cwd is an absolute path' },
      'layers-no-boolean': { params: { includeLayers: 'all' }, why: 'true or false' },
    },
  ),
  examplesOf(
    requests.configValueWrite,
    {
      trust: { keyPath: TRUST, value: 'trusted', mergeStrategy: 'replace' },
      'take-back': { keyPath: TRUST, value: null, mergeStrategy: 'replace' },
    },
    {
      'no-key': {
        params: { value: 'trusted', mergeStrategy: 'replace' },
        why: 'keyPath is required',
      },
      'unknown-strategy': {
        params: { keyPath: TRUST, value: 'trusted', mergeStrategy: 'merge' },
        why: 'replace or upsert',
      },
    },
  ),
  examplesOf(
    requests.configBatchWrite,
    {
      trust: {
        edits: [{ keyPath: TRUST, value: 'trusted', mergeStrategy: 'replace' }],
        reloadUserConfig: true,
      },
    },
    {
      'no-edits': { params: {}, why: 'edits is required' },
      'edit-without-strategy': {
        params: { edits: [{ keyPath: TRUST, value: 'trusted' }] },
        why: 'mergeStrategy is required',
      },
    },
  ),
  examplesOf(requests.configRequirementsRead, { minimal: {} }, noObject),
  examplesOf(
    requests.modelList,
    { minimal: {}, page: { limit: 20, includeHidden: true } },
    badPage,
  ),
  examplesOf(requests.collaborationModeList, { minimal: {} }, noObject),
  examplesOf(requests.hooksList, { minimal: {}, 'of-a-folder': { cwds: [FOLDER] } }, badFolders),
  examplesOf(
    requests.skillsList,
    { minimal: {}, 'of-a-folder': { cwds: [FOLDER], forceReload: true } },
    badFolders,
  ),
  examplesOf(
    requests.pluginInstalled,
    { minimal: {}, 'of-a-folder': { cwds: [FOLDER] } },
    badFolders,
  ),
  examplesOf(
    requests.mcpServerStatusList,
    {
      minimal: {},
      page: { limit: 20 },
      one: { serverName: 'memory', detail: 'toolsAndAuthOnly' },
      'of-a-thread': { threadId: THREAD_ID },
    },
    {
      ...badPage,
      'unknown-detail': { params: { detail: 'some' }, why: 'full or toolsAndAuthOnly' },
    },
  ),
  examplesOf(requests.configMcpServerReload, { minimal: {} }, noObject),
  examplesOf(notifications.mcpServerStartupStatusUpdated, {
    ready: {
      threadId: null,
      name: 'memory',
      status: 'ready',
      error: null,
      failureReason: null,
      emittedAtMs: AT_MS,
    },
    'of-a-thread': {
      threadId: THREAD_ID,
      name: 'docs',
      status: 'failed',
      error: 'HTTP 401',
      failureReason: 'reauthenticationRequired',
      emittedAtMs: AT_MS,
    },
  }),
  examplesOf(notifications.mcpToolCallProgress, {
    minimal: {
      threadId: THREAD_ID,
      turnId: TURN_ID,
      itemId: ITEM_ID,
      message: 'step 2 of 4',
      emittedAtMs: AT_MS,
    },
  }),
  examplesOf(requests.experimentalFeatureList, { minimal: {}, page: { limit: 20 } }, badPage),
  examplesOf(
    requests.permissionProfileList,
    { minimal: {}, 'of-a-folder': { cwd: FOLDER } },
    badPage,
  ),
];
