import type { HandlerTable } from '../router.js';
import type { Services } from '../services.js';
import { threadFork } from './thread-fork.js';
import { threadCompactStart } from './thread-compact-start.js';
import { threadShellCommand } from './thread-shell-command.js';
import { threadSettingsUpdate } from './thread-settings-update.js';
import { turnSettingsUpdate } from './turn-settings-update.js';
import { threadItemsList } from './thread-items-list.js';
import { threadItemsRead } from './thread-items-read.js';
import { reviewStart } from './review-start.js';
import { threadBackgroundTerminalsClean } from './thread-background-terminals-clean.js';
import { threadBackgroundTerminalsTerminate } from './thread-background-terminals-terminate.js';
import { threadBackgroundTerminalsList } from './thread-background-terminals-list.js';
import { commandExec } from './command-exec.js';
import { accountRead } from './account-read.js';
import { configRead } from './config-read.js';
import { configValueWrite } from './config-value-write.js';
import { configBatchWrite } from './config-batch-write.js';
import { configRequirementsRead } from './config-requirements-read.js';
import { modelList } from './model-list.js';
import { collaborationModeList } from './collaboration-mode-list.js';
import { hooksList } from './hooks-list.js';
import { skillsList } from './skills-list.js';
import { pluginInstalled } from './plugin-installed.js';
import { configMcpServerReload } from './config-mcp-server-reload.js';
import { mcpServerStatusList } from './mcp-server-status-list.js';
import { experimentalFeatureList } from './experimental-feature-list.js';
import { permissionProfileList } from './permission-profile-list.js';
import { goalApprovalDecide } from './goal-approval-decide.js';
import { goalApprovalForget } from './goal-approval-forget.js';
import { goalApprovalList } from './goal-approval-list.js';
import { goalBlockerList } from './goal-blocker-list.js';
import { goalBlockerResolve } from './goal-blocker-resolve.js';
import { goalEventsList } from './goal-events-list.js';
import { goalList } from './goal-list.js';
import { goalProposalAccept } from './goal-proposal-accept.js';
import { goalProposalDecline } from './goal-proposal-decline.js';
import { goalProposalList } from './goal-proposal-list.js';
import { goalReport } from './goal-report.js';
import { goalSubscribe } from './goal-subscribe.js';
import { goalUnsubscribe } from './goal-unsubscribe.js';
import { goalUsage } from './goal-usage.js';
import { goalVerify } from './goal-verify.js';
import { goalWait } from './goal-wait.js';
import { initialize } from './initialize.js';
import { folderTrustRead } from './folder-trust-read.js';
import { folderTrustList } from './folder-trust-list.js';
import { folderTrustSet } from './folder-trust-set.js';
import { threadArchive } from './thread-archive.js';
import { threadDelete } from './thread-delete.js';
import { threadExport } from './thread-export.js';
import { threadGoalClear } from './thread-goal-clear.js';
import { threadGoalGet } from './thread-goal-get.js';
import { threadGoalPause } from './thread-goal-pause.js';
import { threadGoalResume } from './thread-goal-resume.js';
import { threadGoalSet } from './thread-goal-set.js';
import { threadImport } from './thread-import.js';
import { threadList } from './thread-list.js';
import { threadLoadedList } from './thread-loaded-list.js';
import { threadNameSet } from './thread-name-set.js';
import { threadReadStateUpdate } from './thread-read-state-update.js';
import { threadRead } from './thread-read.js';
import { threadResume } from './thread-resume.js';
import { threadStart } from './thread-start.js';
import { threadTurnsList } from './thread-turns-list.js';
import { threadUnarchive } from './thread-unarchive.js';
import { threadUnsubscribe } from './thread-unsubscribe.js';
import { turnInterrupt } from './turn-interrupt.js';
import { turnStart } from './turn-start.js';
import { turnSteer } from './turn-steer.js';

/** One handler a method. */
export function createHandlers(services: Services): HandlerTable {
  return {
    initialize: initialize(services),
    threadStart: threadStart(services),
    threadResume: threadResume(services),
    threadRead: threadRead(services),
    threadList: threadList(services),
    threadLoadedList: threadLoadedList(services),
    threadTurnsList: threadTurnsList(services),
    threadNameSet: threadNameSet(services),
    threadReadStateUpdate: threadReadStateUpdate(services),
    threadArchive: threadArchive(services),
    threadUnarchive: threadUnarchive(services),
    threadDelete: threadDelete(services),
    threadUnsubscribe: threadUnsubscribe(services),
    threadExport: threadExport(services),
    threadImport: threadImport(services),
    turnStart: turnStart(services),
    turnSteer: turnSteer(services),
    turnInterrupt: turnInterrupt(services),
    threadGoalGet: threadGoalGet(services),
    threadGoalSet: threadGoalSet(services),
    threadGoalPause: threadGoalPause(services),
    threadGoalResume: threadGoalResume(services),
    threadGoalClear: threadGoalClear(services),
    goalList: goalList(services),
    goalWait: goalWait(services),
    goalReport: goalReport(services),
    goalUsage: goalUsage(services),
    goalBlockerList: goalBlockerList(services),
    goalBlockerResolve: goalBlockerResolve(services),
    goalProposalList: goalProposalList(services),
    goalProposalAccept: goalProposalAccept(services),
    goalProposalDecline: goalProposalDecline(services),
    goalApprovalList: goalApprovalList(services),
    goalApprovalDecide: goalApprovalDecide(services),
    goalApprovalForget: goalApprovalForget(services),
    goalVerify: goalVerify(services),
    folderTrustRead: folderTrustRead(services),
    folderTrustSet: folderTrustSet(services),
    folderTrustList: folderTrustList(services),
    accountRead: accountRead(),
    configRead: configRead(services),
    configValueWrite: configValueWrite(services),
    configBatchWrite: configBatchWrite(services),
    configRequirementsRead: configRequirementsRead(),
    modelList: modelList(services),
    collaborationModeList: collaborationModeList(),
    hooksList: hooksList(services),
    skillsList: skillsList(services),
    pluginInstalled: pluginInstalled(),
    mcpServerStatusList: mcpServerStatusList(services),
    configMcpServerReload: configMcpServerReload(services),
    experimentalFeatureList: experimentalFeatureList(services),
    permissionProfileList: permissionProfileList(services),
    threadFork: threadFork(services),
    threadCompactStart: threadCompactStart(services),
    threadShellCommand: threadShellCommand(services),
    threadSettingsUpdate: threadSettingsUpdate(services),
    turnSettingsUpdate: turnSettingsUpdate(services),
    threadItemsList: threadItemsList(services),
    threadItemsRead: threadItemsRead(services),
    threadBackgroundTerminalsList: threadBackgroundTerminalsList(services),
    threadBackgroundTerminalsClean: threadBackgroundTerminalsClean(services),
    threadBackgroundTerminalsTerminate: threadBackgroundTerminalsTerminate(services),
    reviewStart: reviewStart(services),
    commandExec: commandExec(services),
    goalEventsList: goalEventsList(services),
    goalSubscribe: goalSubscribe(services),
    goalUnsubscribe: goalUnsubscribe(),
  };
}
