import type {
  GitInfo,
  ItemsView,
  Thread,
  ThreadItem,
  ThreadStatus,
  Turn,
  TurnError,
} from '@goald/protocol';
import type { ItemRow } from '../store/repositories/items.js';
import type { ThreadRow } from '../store/repositories/threads.js';
import type { TurnRow } from '../store/repositories/turns.js';

const SOURCES = ['cli', 'vscode', 'exec', 'appServer', 'unknown'] as const;

/** Facts of a thread that do not stand in its row. */
export interface ThreadExtras {
  readonly status: ThreadStatus;
  readonly turns: Turn[];
  readonly defaultModel: string;
  readonly provider: string;
}

export function toThread(row: ThreadRow, extras: ThreadExtras): Thread {
  const updatedAt = Math.floor(row.updated_at_ms / 1000);
  return {
    id: row.id,
    sessionId: row.id,
    name: row.name,
    preview: row.preview,
    cwd: row.cwd,
    status: extras.status,
    createdAt: Math.floor(row.created_at_ms / 1000),
    updatedAt,
    recencyAt: updatedAt,
    model: row.model ?? extras.defaultModel,
    modelProvider: extras.provider,
    reasoningEffort: null,
    cliVersion: row.daemon_version,
    originator: row.originator,
    source: SOURCES.find((source) => source === row.source) ?? 'unknown',
    gitInfo: row.git_json === null ? null : (JSON.parse(row.git_json) as GitInfo),
    turns: extras.turns,
    ephemeral: false,
    historyMode: 'paginated',
    canAcceptDirectInput: row.archived === 0,
    path: null,
    forkedFromId: row.forked_from_id,
    parentThreadId: null,
    attachedToThreadId: null,
    environments: null,
    extra: null,
    section: null,
    sectionEnteredAt: null,
    projectId: null,
    threadSource: row.thread_source,
    agentNickname: null,
    agentRole: null,
    daybreakEnabled: null,
  };
}

export function toItem(row: ItemRow): ThreadItem {
  const item = JSON.parse(row.wire_json) as ThreadItem;
  return { ...item, startedAtMs: row.started_at_ms, completedAtMs: row.completed_at_ms };
}

/** A turn with as many of its items as the view shows. */
export function toTurn(row: TurnRow, items: readonly ItemRow[], view: ItemsView): Turn {
  return {
    id: row.id,
    rootTurnId: row.id,
    items: itemsOf(items, view),
    itemsView: view,
    status: row.status,
    error: row.error_json === null ? null : (JSON.parse(row.error_json) as TurnError),
    startedAt: Math.floor(row.started_at_ms / 1000),
    completedAt: row.completed_at_ms === null ? null : Math.floor(row.completed_at_ms / 1000),
    durationMs: row.completed_at_ms === null ? null : row.completed_at_ms - row.started_at_ms,
  };
}

function itemsOf(rows: readonly ItemRow[], view: ItemsView): ThreadItem[] {
  switch (view) {
    case 'notLoaded':
      return [];
    case 'full':
      return rows.map(toItem);
    case 'summary': {
      const lastAnswer = rows.findLast((row) => row.type === 'agentMessage');
      return rows.filter((row) => row.type === 'userMessage' || row === lastAnswer).map(toItem);
    }
  }
}
