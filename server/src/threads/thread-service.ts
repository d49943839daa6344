import { stat } from 'node:fs/promises';
import { isAbsolute, normalize } from 'node:path';
import {
  notifications,
  ProtocolError,
  type ApprovalPolicy,
  type AskedCollaborationMode,
  type GitInfo,
  type SandboxMode,
  type ServiceTier,
  type Thread,
  type ThreadConfig,
  type ThreadStatus,
} from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import type { GoalService } from '../goals/goal-service.js';
import { pendingOf } from '../goals/pending-approvals.js';
import { storedTier } from '../goals/price.js';
import type { MutationContext, Mutations } from '../store/mutation.js';
import { outgoing } from '../store/outgoing.js';
import type { Repositories } from '../store/repositories/index.js';
import type { ProcessRow } from '../store/repositories/processes.js';
import type { ThreadRow } from '../store/repositories/threads.js';
import type { Tx } from '../store/store.js';
import { askedSetting, type AskedSandbox } from './sandbox-setting.js';
import { isPlanning, modeChange } from './collaboration.js';
import { tellSettings, type SettingsNews } from './settings-news.js';
import { mcpServersOf, type McpServerConfigs } from './thread-mcp-servers.js';
import { toThread } from './thread-record.js';

/** What the model in use is called, for threads that name none. */
export interface ModelIdentity {
  readonly provider: string;
  readonly defaultModel: string;
}

export interface ThreadServiceOptions {
  readonly repositories: Repositories;
  readonly mutations: Mutations;
  readonly goals: GoalService;
  readonly model: () => ModelIdentity;
  readonly version: string;
  readonly gitInfo: (cwd: string) => Promise<GitInfo | null>;
  /** Throws sandbox_unavailable for a mode that cannot be enforced in a folder. */
  readonly assertSandbox: (mode: SandboxMode, cwd: string) => void;
  /** Stops the turn in flight of a thread; resolves when it and its processes have ended. */
  readonly stopTurn: (threadId: string) => Promise<void>;
  /** Ends every client's subscription to a thread that is no longer loaded, and its servers. */
  readonly forget: (threadId: string) => void;
  /** Of threads that name none. */
  readonly approvalPolicy: () => ApprovalPolicy;
  /** Removes what the daemon keeps for the commands of a thread. Never rejects. */
  readonly removeFiles: (threadId: string) => Promise<void>;
  /** Folder of a thread that names none. */
  readonly defaultCwd: string;
  /** Model of new threads in a folder that name none; null: as the configuration says. */
  readonly modelOf: (cwd: string) => string | null;
}

export interface ThreadSettings extends AskedSandbox {
  readonly model?: string | null | undefined;
  /** undefined keeps it, null gives it back to the configuration. */
  readonly serviceTier?: ServiceTier | null | undefined;
  readonly cwd?: string | null | undefined;
  readonly approvalPolicy?: ApprovalPolicy | null | undefined;
  readonly developerInstructions?: string | null | undefined;
  /** Its model goes before `model`. */
  readonly collaborationMode?: AskedCollaborationMode | null | undefined;
  /** undefined and null keep what the thread has of it. */
  readonly config?: ThreadConfig | null | undefined;
}

const ALL = { to: 'all' } as const;

/** What the reference calls threads that clients of its server start: pickers of clients ask for these. */
const SOURCE = 'vscode';

/** Threads: made, changed, put away, removed. */
export class ThreadService {
  readonly #options: ThreadServiceOptions;

  constructor(options: ThreadServiceOptions) {
    this.#options = options;
  }

  /** Throws thread_not_found. */
  require(threadId: string): ThreadRow {
    const row = this.#options.repositories.threads.find(threadId);
    if (row !== undefined) return row;
    throw new ProtocolError('thread_not_found', `There is no thread ${threadId}.`, { threadId });
  }

  /** Throws feature_disabled for a thread that shall leave nothing behind: whoever asks for that must not get one that does. */
  assertKept(ephemeral: boolean | null | undefined): void {
    if (ephemeral !== true) return;
    throw new ProtocolError(
      'feature_disabled',
      'goald keeps every thread: start one that is not ephemeral, and delete it when it is done.',
      { feature: 'ephemeralThreads' },
    );
  }

  /** Background commands of a thread that still run, oldest first. */
  backgroundProcesses(threadId: string): ProcessRow[] {
    return this.#options.repositories.processes.openOfThread(threadId);
  }

  /** The thread as clients see it, without turns. */
  view(row: ThreadRow): Thread {
    return toThread(row, { ...this.#options.model(), status: this.status(row.id), turns: [] });
  }

  status(threadId: string): ThreadStatus {
    const { turns, approvals, goals } = this.#options.repositories;
    if (turns.inProgress(threadId) === undefined) return { type: 'idle' };
    if (approvals.pending(threadId).some(({ parked }) => parked === 0)) {
      return { type: 'active', activeFlags: ['waitingOnApproval'] };
    }
    const goal = goals.current(threadId);
    const isAsking = goal !== undefined && pendingOf(goal)?.kind === 'question';
    return { type: 'active', activeFlags: isAsking ? ['waitingOnUserInput'] : [] };
  }

  async start(
    settings: ThreadSettings & {
      readonly threadSource?: string | null | undefined;
      readonly ephemeral?: boolean | null | undefined;
    },
    context: MutationContext,
  ): Promise<ThreadRow> {
    this.assertKept(settings.ephemeral);
    const cwd = await checkedFolder(settings.cwd ?? this.#options.defaultCwd);
    const sandbox = askedSetting(settings);
    if (sandbox !== null) this.#options.assertSandbox(sandbox.mode, cwd);
    const mcpServers = mcpServersOf(settings.config, cwd);
    const git = await this.#options.gitInfo(cwd);
    const started = this.#options.mutations.run(context, (tx) => {
      const id = uuid();
      const { repositories, version } = this.#options;
      repositories.threads.insert({
        id,
        cwd,
        name: null,
        preview: '',
        model: settings.model ?? this.#options.modelOf(cwd),
        service_tier: storedTier(settings.serviceTier ?? null),
        source: SOURCE,
        originator: context.actor.clientName,
        thread_source: settings.threadSource ?? null,
        daemon_version: version,
        git_json: git === null ? null : JSON.stringify(git),
        approval_policy: settings.approvalPolicy ?? this.#options.approvalPolicy(),
        sandbox_json: sandbox === null ? null : JSON.stringify(sandbox),
        developer_instructions: settings.developerInstructions ?? null,
        forked_from_id: null,
        archived: 0,
        fence: 0,
        created_at_ms: tx.nowMs,
        updated_at_ms: tx.nowMs,
      });
      this.#giveServers(id, mcpServers);
      tx.tell(outgoing(notifications.threadStarted, { thread: this.view(this.require(id)) }, ALL));
      return { id };
    });
    return this.require(started.id);
  }

  /** Changes what a client may change of a thread; `announce` makes what its clients are told of it. */
  async configure(
    threadId: string,
    settings: ThreadSettings,
    context: MutationContext,
    announce?: (row: ThreadRow) => SettingsNews,
  ): Promise<ThreadRow> {
    const { cwd: folder } = this.require(threadId);
    const cwd = settings.cwd == null ? null : await checkedFolder(settings.cwd);
    const mcpServers = mcpServersOf(settings.config, cwd ?? folder);
    const sandbox = askedSetting(settings);
    if (sandbox !== null) this.#options.assertSandbox(sandbox.mode, cwd ?? folder);
    const change = {
      ...(settings.model == null ? {} : { model: settings.model }),
      ...(settings.serviceTier === undefined
        ? {}
        : { service_tier: storedTier(settings.serviceTier) }),
      ...(settings.approvalPolicy == null ? {} : { approval_policy: settings.approvalPolicy }),
      ...(cwd === null ? {} : { cwd }),
      ...(sandbox === null ? {} : { sandbox_json: JSON.stringify(sandbox) }),
      ...(settings.developerInstructions == null
        ? {}
        : { developer_instructions: settings.developerInstructions }),
      ...modeChange(settings.collaborationMode),
    };
    if (Object.keys(change).length > 0 || mcpServers !== null) {
      this.#options.mutations.run(context, (tx) => {
        const before = this.require(threadId);
        this.#giveServers(threadId, mcpServers);
        this.#update(tx, threadId, change);
        const after = this.require(threadId);
        if (announce !== undefined) tellSettings(tx, before, after, announce);
        if (!isPlanning(after)) this.#options.goals.endPlanningIn(tx, threadId);
        return {};
      });
    }
    return this.require(threadId);
  }

  setName(threadId: string, name: string, context: MutationContext): void {
    this.#options.mutations.run(context, (tx) => {
      this.require(threadId);
      this.#update(tx, threadId, { name });
      tx.tell(outgoing(notifications.threadNameUpdated, { threadId, threadName: name }, ALL));
      return {};
    });
  }

  async archive(threadId: string, context: MutationContext): Promise<void> {
    this.#options.mutations.run(context, (tx) => {
      this.require(threadId);
      this.#options.goals.triggerByUser(tx, threadId, 'archive', context.actor);
      this.#update(tx, threadId, { archived: 1 });
      tx.tell(outgoing(notifications.threadArchived, { threadId }, ALL));
      return {};
    });
    await this.#options.stopTurn(threadId);
    this.#options.mutations.run({ ...context, idempotencyKey: null }, (tx) => {
      tx.tell(outgoing(notifications.threadClosed, { threadId }, ALL));
    });
    this.#options.forget(threadId);
  }

  unarchive(threadId: string, context: MutationContext): ThreadRow {
    this.#options.mutations.run(context, (tx) => {
      this.require(threadId);
      this.#update(tx, threadId, { archived: 0 });
      tx.tell(outgoing(notifications.threadUnarchived, { threadId }, ALL));
      return {};
    });
    return this.require(threadId);
  }

  /** Clears the goal, ends the turn with all its processes, then removes the thread. Its events stay. */
  async delete(threadId: string, context: MutationContext): Promise<void> {
    if (this.#options.mutations.wasRun(context)) return;
    this.#options.mutations.run({ ...context, idempotencyKey: null }, (tx) => {
      this.require(threadId);
      this.#options.goals.triggerByUser(tx, threadId, 'delete', context.actor);
      // Archived, it takes no new turn while the last one ends.
      this.#update(tx, threadId, { archived: 1 });
    });
    await this.#options.stopTurn(threadId);
    this.#options.mutations.run(context, (tx) => {
      // Whoever set a goal while the turn was ending loses it with the thread.
      this.#options.goals.triggerByUser(tx, threadId, 'delete', context.actor);
      this.#options.repositories.threads.delete(threadId);
      tx.tell(outgoing(notifications.threadClosed, { threadId }, ALL));
      tx.tell(outgoing(notifications.threadDeleted, { threadId }, ALL));
      return {};
    });
    this.#options.forget(threadId);
    await this.#options.removeFiles(threadId);
  }

  /** null: the thread keeps what it has. */
  #giveServers(threadId: string, servers: McpServerConfigs | null): void {
    if (servers === null) return;
    const { threadMcp } = this.#options.repositories;
    const isNone = Object.keys(servers).length === 0;
    threadMcp.put(threadId, isNone ? null : JSON.stringify(servers));
  }

  #update(tx: Tx, threadId: string, change: Partial<ThreadRow>): void {
    this.#options.repositories.threads.update(threadId, { ...change, updated_at_ms: tx.nowMs });
  }
}

/** An absolute path of a folder that is there. Throws invalid_params. */
async function checkedFolder(path: string): Promise<string> {
  const found = isAbsolute(path) ? await stat(path).catch(() => undefined) : undefined;
  if (found?.isDirectory() === true) return normalize(path).replace(/(?<=.)\/$/, '');
  const message = isAbsolute(path)
    ? `There is no folder ${path}.`
    : `cwd must be an absolute path, not ${path}.`;
  throw new ProtocolError('invalid_params', message, { issues: [{ path: ['cwd'], message }] });
}
