export * from './config.js';
export * from './mcp-config.js';
export * from './define.js';
export * from './doctor.js';
export * from './errors.js';
export * from './home.js';
export * from './ids.js';
export * from './messages/account.js';
export * from './messages/catalog.js';
export * from './messages/approvals.js';
export * from './messages/collaboration.js';
export * from './messages/common.js';
export * from './messages/config-access.js';
export * from './messages/events.js';
export * from './messages/goal-approvals.js';
export * from './messages/goal-people.js';
export * from './messages/goal-query.js';
export * from './messages/goal.js';
export * from './messages/initialize.js';
export * from './messages/item.js';
export * from './messages/folder-trust.js';
export * from './messages/mcp.js';
export * from './messages/read-state.js';
export * from './messages/reference.js';
export * from './messages/review.js';
export * from './messages/sandbox.js';
export {
  commandExec,
  threadBackgroundTerminalsClean,
  threadBackgroundTerminalsList,
  threadBackgroundTerminalsTerminate,
  threadCompactStart,
  threadFork,
  threadItemsList,
  threadItemsRead,
  threadSettingsUpdate,
  threadSettingsUpdated,
  threadShellCommand,
  turnSettingsUpdate,
} from './messages/thread-actions.js';
export * from './messages/thread.js';
export * from './messages/thread-config.js';
export * from './messages/thread-transfer.js';
export * from './messages/turn.js';
export * from './messages/user-input.js';
export * from './messages/verification.js';
export { type MarkdownBlock } from './objective/markdown-blocks.js';
export { type ObjectiveSections, readObjective } from './objective/sections.js';
export * from './project-settings.js';
export * from './registry.js';
export * from './service-file.js';
export * from './version.js';
