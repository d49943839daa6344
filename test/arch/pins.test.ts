import {
  APPROVAL_POLICIES,
  ERROR_CODES,
  EVENT_TYPES,
  GOAL_PHASES,
  GOAL_STATUSES,
  ISOLATIONS,
  ITEM_RUN_STATUSES,
  notifications,
  ORIGINS,
  PLANNING_MODES,
  requests,
  SANDBOX_MODES,
  serverRequests,
  STATUS_REASON_CODES,
  TURN_STATUSES,
} from '@goald/protocol';
import { expect, it } from 'vitest';

// Names that clients depend on, written out once more: whoever changes one changes it here too, and knows it.

const methodsOf = (table: Readonly<Record<string, { readonly method: string }>>): string[] =>
  Object.values(table).map(({ method }) => method);

it('requests', () => {
  expect(methodsOf(requests)).toEqual([
    'initialize',
    'thread/start',
    'thread/resume',
    'thread/read',
    'thread/list',
    'thread/loaded/list',
    'thread/turns/list',
    'thread/name/set',
    'thread/readState/update',
    'thread/archive',
    'thread/unarchive',
    'thread/delete',
    'thread/unsubscribe',
    'thread/export',
    'thread/import',
    'turn/start',
    'turn/steer',
    'turn/interrupt',
    'thread/goal/get',
    'thread/goal/set',
    'thread/goal/pause',
    'thread/goal/resume',
    'thread/goal/clear',
    'goal/list',
    'goal/wait',
    'goal/report',
    'goal/usage',
    'goal/blocker/list',
    'goal/blocker/resolve',
    'goal/proposal/list',
    'goal/proposal/accept',
    'goal/proposal/decline',
    'goal/approval/list',
    'goal/approval/decide',
    'goal/approval/forget',
    'goal/verify',
    'folder/trust/read',
    'folder/trust/set',
    'folder/trust/list',
    'account/read',
    'config/read',
    'config/value/write',
    'config/batchWrite',
    'configRequirements/read',
    'model/list',
    'collaborationMode/list',
    'hooks/list',
    'skills/list',
    'plugin/installed',
    'mcpServerStatus/list',
    'config/mcpServer/reload',
    'experimentalFeature/list',
    'permissionProfile/list',
    'thread/fork',
    'thread/compact/start',
    'thread/shellCommand',
    'thread/settings/update',
    'turn/settings/update',
    'thread/items/list',
    'thread/items/read',
    'thread/backgroundTerminals/list',
    'thread/backgroundTerminals/clean',
    'thread/backgroundTerminals/terminate',
    'review/start',
    'command/exec',
    'goal/events/list',
    'goal/subscribe',
    'goal/unsubscribe',
  ]);
});
it('requests of the daemon', () => {
  expect(methodsOf(serverRequests)).toEqual([
    'item/commandExecution/requestApproval',
    'item/fileChange/requestApproval',
    'item/tool/requestUserInput',
  ]);
});
it('notifications', () => {
  expect(methodsOf(notifications)).toEqual([
    'initialized',
    'thread/started',
    'thread/status/changed',
    'thread/name/updated',
    'thread/readState/changed',
    'thread/archived',
    'thread/unarchived',
    'thread/deleted',
    'thread/closed',
    'thread/tokenUsage/updated',
    'thread/settings/updated',
    'turn/started',
    'turn/completed',
    'turn/diff/updated',
    'turn/plan/updated',
    'error',
    'item/started',
    'item/completed',
    'item/agentMessage/delta',
    'item/plan/delta',
    'item/reasoning/summaryTextDelta',
    'item/commandExecution/outputDelta',
    'item/mcpToolCall/progress',
    'mcpServer/startupStatus/updated',
    'thread/goal/updated',
    'thread/goal/cleared',
    'serverRequest/resolved',
    'goal/event',
  ]);
});
it('requests that change durable state', () => {
  expect(
    methodsOf(
      Object.fromEntries(Object.entries(requests).filter(([, request]) => request.mutation)),
    ),
  ).toEqual([
    'thread/start',
    'thread/resume',
    'thread/name/set',
    'thread/readState/update',
    'thread/archive',
    'thread/unarchive',
    'thread/delete',
    'thread/import',
    'turn/start',
    'turn/steer',
    'turn/interrupt',
    'thread/goal/set',
    'thread/goal/pause',
    'thread/goal/resume',
    'thread/goal/clear',
    'goal/blocker/resolve',
    'goal/proposal/accept',
    'goal/proposal/decline',
    'goal/approval/decide',
    'goal/approval/forget',
    'folder/trust/set',
    'config/value/write',
    'config/batchWrite',
    'thread/fork',
    'thread/compact/start',
    'thread/shellCommand',
    'thread/settings/update',
    'turn/settings/update',
    'thread/backgroundTerminals/clean',
    'thread/backgroundTerminals/terminate',
    'review/start',
  ]);
});
it('notifications that a client sends', () => {
  expect(
    methodsOf(
      Object.fromEntries(
        Object.entries(notifications).filter(
          ([, message]) => message.direction === 'clientToServer',
        ),
      ),
    ),
  ).toEqual(['initialized']);
});
it('error codes and their numbers', () => {
  expect(ERROR_CODES).toEqual({
    parse_error: -32700,
    invalid_request: -32600,
    not_initialized: -32600,
    already_initialized: -32600,
    invalid_transition: -32600,
    thread_not_found: -32600,
    goal_not_found: -32600,
    turn_not_found: -32600,
    turn_not_steerable: -32600,
    plan_not_found: -32600,
    blocker_not_found: -32600,
    proposal_not_found: -32600,
    approval_not_found: -32600,
    checkpoint_not_found: -32600,
    objective_empty: -32600,
    objective_too_long: -32600,
    budget_not_positive: -32600,
    budget_exhausted: -32600,
    budget_over_policy: -32600,
    price_unknown: -32600,
    revision_conflict: -32600,
    isolation_unavailable: -32600,
    sandbox_unavailable: -32600,
    feature_disabled: -32600,
    cursor_expired: -32600,
    epoch_changed: -32600,
    policy_refused: -32600,
    method_not_found: -32601,
    method_not_supported: -32601,
    invalid_params: -32602,
    internal: -32603,
    store_unavailable: -32603,
    overloaded: -32001,
  });
});

it('goal statuses', () => {
  expect(GOAL_STATUSES).toEqual([
    'active',
    'paused',
    'blocked',
    'usageLimited',
    'budgetLimited',
    'complete',
  ]);
});

it('goal phases', () => {
  expect(GOAL_PHASES).toEqual([
    'queued',
    'planning',
    'acting',
    'testing',
    'reviewing',
    'verifying',
    'waiting',
  ]);
});

it('status reasons', () => {
  expect(STATUS_REASON_CODES).toEqual([
    'user',
    'interrupt',
    'planApproval',
    'needsInput',
    'noProgress',
    'blocker',
    'turnError',
    'verificationExhausted',
    'tokenBudget',
    'costBudget',
    'timeBudget',
    'turnLimit',
    'usageLimit',
    'restartPolicy',
    'policy',
    'completed',
  ]);
});

it('durable event types', () => {
  expect(EVENT_TYPES).toEqual([
    'goal.created',
    'goal.edited',
    'goal.statusChanged',
    'goal.phaseChanged',
    'goal.progress',
    'goal.usage',
    'goal.budgetWarning',
    'goal.cleared',
    'turn.started',
    'turn.completed',
    'item.completed',
    'plan.proposed',
    'plan.edited',
    'plan.approved',
    'plan.rejected',
    'tests.finished',
    'verification.started',
    'verification.finished',
    'checkpoint.created',
    'blocker.raised',
    'blocker.resolved',
    'proposal.made',
    'proposal.decided',
    'approval.requested',
    'approval.decided',
    'wait.started',
    'wait.ended',
    'compaction.done',
    'retry.scheduled',
    'changes.accepted',
    'changes.discarded',
    'changes.undone',
    'policy.breached',
    'daemon.started',
    'daemon.recovered',
  ]);
});

it('turn statuses', () => {
  expect(TURN_STATUSES).toEqual(['inProgress', 'completed', 'interrupted', 'failed']);
});

it('item statuses', () => {
  expect(ITEM_RUN_STATUSES).toEqual(['inProgress', 'completed', 'failed', 'declined']);
});

it('isolations', () => {
  expect(ISOLATIONS).toEqual(['workingCopy', 'inPlace']);
});

it('planning modes', () => {
  expect(PLANNING_MODES).toEqual(['off', 'auto', 'required']);
});

it('origins', () => {
  expect(ORIGINS).toEqual(['user', 'automatic']);
});

it('sandbox modes', () => {
  expect(SANDBOX_MODES).toEqual(['read-only', 'workspace-write', 'danger-full-access']);
});

it('approval policies', () => {
  expect(APPROVAL_POLICIES).toEqual(['never', 'on-request', 'untrusted']);
});
