import type { GoaldClient } from '@goald/client';
import { type Goal, notifications, type ParamsOf, type Turn } from '@goald/protocol';
import type { Transcript } from './transcript.js';

export interface ThreadSink {
  readonly transcript: Transcript;
  /** Does it when everything that was heard before is done. */
  queue(work: () => void): void;
  goal(goal: Goal | null): void;
  /** A turn began or ended. */
  turn(turn: Turn): void;
  settings(settings: ParamsOf<typeof notifications.threadSettingsUpdated>['threadSettings']): void;
  /** An MCP server of the thread is not there. */
  serverFailed(name: string, why: string): void;
  /** The thread was deleted. */
  gone(): void;
}

/** Passes on what is notified of a thread. */
export function listenToThread(
  client: GoaldClient,
  threadId: string,
  sink: ThreadSink,
): readonly Disposable[] {
  const { transcript } = sink;
  const ours = <P extends { readonly threadId: string }>(
    take: (params: P) => void,
  ): ((params: P) => void) => {
    return (params) => {
      if (params.threadId !== threadId) return;
      sink.queue(() => {
        take(params);
      });
    };
  };
  return [
    client.on(
      notifications.itemStarted,
      ours(({ item }) => {
        transcript.started(item);
      }),
    ),
    client.on(
      notifications.itemCompleted,
      ours(({ item }) => {
        transcript.completed(item);
      }),
    ),
    ...[notifications.agentMessageDelta, notifications.planDelta].map((message) =>
      client.on(
        message,
        ours(({ itemId, delta }) => {
          transcript.messageDelta(itemId, delta);
        }),
      ),
    ),
    client.on(
      notifications.reasoningSummaryTextDelta,
      ours(({ itemId, delta, summaryIndex }) => {
        transcript.thoughtDelta(itemId, delta, summaryIndex);
      }),
    ),
    client.on(
      notifications.commandExecutionOutputDelta,
      ours(({ itemId, delta }) => {
        transcript.outputDelta(itemId, delta);
      }),
    ),
    client.on(
      notifications.threadGoalUpdated,
      ours(({ goal }) => {
        sink.goal(goal);
      }),
    ),
    client.on(
      notifications.threadGoalCleared,
      ours(() => {
        sink.goal(null);
      }),
    ),
    client.on(
      notifications.turnStarted,
      ours(({ turn }) => {
        sink.turn(turn);
      }),
    ),
    client.on(
      notifications.turnCompleted,
      ours(({ turn }) => {
        sink.turn(turn);
      }),
    ),
    client.on(
      notifications.threadNameUpdated,
      ours(({ threadName }) => {
        if (threadName === undefined) return;
        transcript.update({ sessionUpdate: 'session_info_update', title: threadName });
      }),
    ),
    client.on(
      notifications.threadTokenUsageUpdated,
      ours(({ tokenUsage: { last, modelContextWindow } }) => {
        if (modelContextWindow === null) return;
        const used = last.inputTokens + last.outputTokens;
        transcript.update({ sessionUpdate: 'usage_update', used, size: modelContextWindow });
      }),
    ),
    client.on(
      notifications.threadSettingsUpdated,
      ours(({ threadSettings }) => {
        sink.settings(threadSettings);
      }),
    ),
    client.on(notifications.mcpServerStartupStatusUpdated, ({ name, status, error, ...news }) => {
      if (news.threadId !== threadId || status !== 'failed') return;
      sink.queue(() => {
        sink.serverFailed(name, error ?? 'it gave no reason');
      });
    }),
    client.on(
      notifications.threadDeleted,
      ours(() => {
        sink.gone();
      }),
    ),
  ];
}
