import type { Message, NotificationMessage, RequestMessage } from './define.js';
import * as account from './messages/account.js';
import * as catalog from './messages/catalog.js';
import * as collaboration from './messages/collaboration.js';
import * as config from './messages/config-access.js';
import * as approvals from './messages/approvals.js';
import * as events from './messages/events.js';
import * as goal from './messages/goal.js';
import * as goalApprovals from './messages/goal-approvals.js';
import * as goalPeople from './messages/goal-people.js';
import * as goalQuery from './messages/goal-query.js';
import * as init from './messages/initialize.js';
import * as item from './messages/item.js';
import * as folderTrust from './messages/folder-trust.js';
import * as readState from './messages/read-state.js';
import * as mcp from './messages/mcp.js';
import * as actions from './messages/thread-actions.js';
import * as review from './messages/review.js';
import * as thread from './messages/thread.js';
import * as transfer from './messages/thread-transfer.js';
import * as turn from './messages/turn.js';
import * as verification from './messages/verification.js';

/** The one table of requests that clients send. Its keys are the names code uses; methods stand only in the messages. */
export const requests = {
  initialize: init.initialize,
  threadStart: thread.threadStart,
  threadResume: thread.threadResume,
  threadRead: thread.threadRead,
  threadList: thread.threadList,
  threadLoadedList: thread.threadLoadedList,
  threadTurnsList: thread.threadTurnsList,
  threadNameSet: thread.threadNameSet,
  threadReadStateUpdate: readState.threadReadStateUpdate,
  threadArchive: thread.threadArchive,
  threadUnarchive: thread.threadUnarchive,
  threadDelete: thread.threadDelete,
  threadUnsubscribe: thread.threadUnsubscribe,
  threadExport: transfer.threadExport,
  threadImport: transfer.threadImport,
  turnStart: turn.turnStart,
  turnSteer: turn.turnSteer,
  turnInterrupt: turn.turnInterrupt,
  threadGoalGet: goal.threadGoalGet,
  threadGoalSet: goal.threadGoalSet,
  threadGoalPause: goal.threadGoalPause,
  threadGoalResume: goal.threadGoalResume,
  threadGoalClear: goal.threadGoalClear,
  goalList: goalQuery.goalList,
  goalWait: goalQuery.goalWait,
  goalReport: goalQuery.goalReport,
  goalUsage: goalQuery.goalUsage,
  goalBlockerList: goalPeople.goalBlockerList,
  goalBlockerResolve: goalPeople.goalBlockerResolve,
  goalProposalList: goalPeople.goalProposalList,
  goalProposalAccept: goalPeople.goalProposalAccept,
  goalProposalDecline: goalPeople.goalProposalDecline,
  goalApprovalList: goalApprovals.goalApprovalList,
  goalApprovalDecide: goalApprovals.goalApprovalDecide,
  goalApprovalForget: goalApprovals.goalApprovalForget,
  goalVerify: verification.goalVerify,
  folderTrustRead: folderTrust.folderTrustRead,
  folderTrustSet: folderTrust.folderTrustSet,
  folderTrustList: folderTrust.folderTrustList,
  accountRead: account.accountRead,
  configRead: config.configRead,
  configValueWrite: config.configValueWrite,
  configBatchWrite: config.configBatchWrite,
  configRequirementsRead: config.configRequirementsRead,
  modelList: catalog.modelList,
  collaborationModeList: collaboration.collaborationModeList,
  hooksList: catalog.hooksList,
  skillsList: catalog.skillsList,
  pluginInstalled: catalog.pluginInstalled,
  mcpServerStatusList: mcp.mcpServerStatusList,
  configMcpServerReload: mcp.configMcpServerReload,
  experimentalFeatureList: catalog.experimentalFeatureList,
  permissionProfileList: catalog.permissionProfileList,
  threadFork: actions.threadFork,
  threadCompactStart: actions.threadCompactStart,
  threadShellCommand: actions.threadShellCommand,
  threadSettingsUpdate: actions.threadSettingsUpdate,
  turnSettingsUpdate: actions.turnSettingsUpdate,
  threadItemsList: actions.threadItemsList,
  threadItemsRead: actions.threadItemsRead,
  threadBackgroundTerminalsList: actions.threadBackgroundTerminalsList,
  threadBackgroundTerminalsClean: actions.threadBackgroundTerminalsClean,
  threadBackgroundTerminalsTerminate: actions.threadBackgroundTerminalsTerminate,
  reviewStart: review.reviewStart,
  commandExec: actions.commandExec,
  goalEventsList: events.goalEventsList,
  goalSubscribe: events.goalSubscribe,
  goalUnsubscribe: events.goalUnsubscribe,
} as const;

/** The one table of requests that the daemon sends. */
export const serverRequests = {
  commandExecutionRequestApproval: approvals.commandExecutionRequestApproval,
  fileChangeRequestApproval: approvals.fileChangeRequestApproval,
  toolRequestUserInput: approvals.toolRequestUserInput,
} as const;

/** The one table of notifications. */
export const notifications = {
  initialized: init.initialized,
  threadStarted: thread.threadStarted,
  threadStatusChanged: thread.threadStatusChanged,
  threadNameUpdated: thread.threadNameUpdated,
  threadReadStateChanged: readState.threadReadStateChanged,
  threadArchived: thread.threadArchived,
  threadUnarchived: thread.threadUnarchived,
  threadDeleted: thread.threadDeleted,
  threadClosed: thread.threadClosed,
  threadTokenUsageUpdated: thread.threadTokenUsageUpdated,
  threadSettingsUpdated: actions.threadSettingsUpdated,
  turnStarted: turn.turnStarted,
  turnCompleted: turn.turnCompleted,
  turnDiffUpdated: turn.turnDiffUpdated,
  turnPlanUpdated: turn.turnPlanUpdated,
  turnError: turn.turnErrorNotification,
  itemStarted: item.itemStarted,
  itemCompleted: item.itemCompleted,
  agentMessageDelta: item.agentMessageDelta,
  planDelta: item.planDelta,
  reasoningSummaryTextDelta: item.reasoningSummaryTextDelta,
  commandExecutionOutputDelta: item.commandExecutionOutputDelta,
  mcpToolCallProgress: item.mcpToolCallProgress,
  mcpServerStartupStatusUpdated: mcp.mcpServerStartupStatusUpdated,
  threadGoalUpdated: goal.threadGoalUpdated,
  threadGoalCleared: goal.threadGoalCleared,
  serverRequestResolved: approvals.serverRequestResolved,
  goalEvent: events.goalEvent,
} as const;

export type RequestName = keyof typeof requests;
export type NotificationName = keyof typeof notifications;
export type RequestOf<Name extends RequestName> = (typeof requests)[Name];
export type NotificationOf<Name extends NotificationName> = (typeof notifications)[Name];

const byMethod = new Map<string, Message>(
  [...Object.values(requests), ...Object.values(notifications)].map((message) => [
    message.method,
    message,
  ]),
);

/** The request with this method, if goald knows one. */
export function findRequest(method: string): RequestMessage | undefined {
  const message = byMethod.get(method);
  return message?.kind === 'request' ? message : undefined;
}

/** The request of the daemon with this method, if goald knows one. */
export function findServerRequest(method: string): RequestMessage | undefined {
  return Object.values(serverRequests).find((message) => message.method === method);
}

/** The notification with this method, if goald knows one. */
export function findNotification(method: string): NotificationMessage | undefined {
  const message = byMethod.get(method);
  return message?.kind === 'notification' ? message : undefined;
}
