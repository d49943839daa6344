import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import {
  notifications,
  ProtocolError,
  type ApprovalPolicy,
  type ImportedThread,
  type StatusReason,
} from '@goald/protocol';
import type { GoalWriter } from '../../goals/goal-writer.js';
import type { Actor, MutationContext, Mutations } from '../../store/mutation.js';
import { outgoing } from '../../store/outgoing.js';
import type { Repositories } from '../../store/repositories/index.js';
import type { PlainRow } from '../../store/repositories/transfer.js';
import { StoreUnavailableError } from '../../store/store-fault.js';
import type { Tx } from '../../store/store.js';
import type { ThreadService } from '../thread-service.js';
import { IdMap } from './id-map.js';
import type { ImportReader, ReadRow, ReadThread } from './import-reader.js';
import { refused } from './refused-line.js';
import { withoutRights } from './imported-rights.js';
import { StagedImports, type ImportPage } from './staged-imports.js';
import { TRANSFER_TABLES } from './tables.js';

export interface ThreadImporterOptions {
  readonly repositories: Repositories;
  readonly mutations: Mutations;
  readonly threads: ThreadService;
  readonly writer: GoalWriter;
  readonly now: () => number;
  /** Of the configuration. */
  readonly approvalPolicy: () => ApprovalPolicy;
}

interface Result {
  readonly lines: number;
  readonly threads: ImportedThread[];
}
type Made = Omit<ImportedThread, 'cwdExists'>;

/** Reads threads back that were written out, here or elsewhere: all of a file, or nothing. */
export class ThreadImporter {
  readonly #options: ThreadImporterOptions;
  readonly #staged: StagedImports;

  constructor(options: ThreadImporterOptions) {
    this.#options = options;
    this.#staged = new StagedImports(options.now);
  }

  /** Takes a page; with the last one everything is made. Throws invalid_params that names the line. */
  async take(page: ImportPage, context: MutationContext): Promise<Result> {
    if (page.cwd != null && !(await isFolder(page.cwd))) throw noFolder(page.cwd);
    if (!page.isLast) return { lines: this.#staged.add(page), threads: [] };
    // It has a schema for every kind of row: made for those who import.
    const { ImportReader } = await import('./import-reader.js');
    const reader = new ImportReader(this.#options.repositories.transfer, TRANSFER_TABLES);
    const made = this.#makeAll(page, reader, context);
    const threads = await Promise.all(
      made.threads.map(async (thread) => ({ ...thread, cwdExists: await isFolder(thread.cwd) })),
    );
    return { lines: made.lines, threads };
  }

  #makeAll(
    page: ImportPage,
    reader: ImportReader,
    context: MutationContext,
  ): { lines: number; threads: Made[] } {
    const { mutations } = this.#options;
    const { importId, cwd } = page;
    try {
      const made = mutations.run(context, (tx) => {
        const lines = this.#staged.add(page);
        const threads = reader.read(this.#staged.rows(importId));
        const make = (thread: ReadThread): Made =>
          this.#make(tx, thread, cwd ?? null, context.actor);
        return { lines, threads: threads.map(make) };
      });
      this.#staged.drop(importId);
      return made;
    } catch (error) {
      // The last page can be sent again when the store takes it; a file that is refused has to be sent anew.
      if (!(error instanceof StoreUnavailableError)) this.#staged.drop(importId);
      throw error;
    }
  }

  #make(tx: Tx, thread: ReadThread, cwd: string | null, actor: Actor): Made {
    const { repositories, threads } = this.#options;
    const ids = new IdMap(thread, repositories.transfer);
    const goalIds: string[] = [];
    for (const read of thread.rows) {
      const { line, table, row } = ids.apply(read);
      if (table.type === 'goal') goalIds.push(String(row['goal_id']));
      this.#insert(tx, { line, table, row: cwd === null ? row : inFolder(row, cwd) }, actor);
    }
    const threadId = ids.idOf(thread.threadId);
    const made = threads.require(threadId);
    tx.tell(outgoing(notifications.threadStarted, { thread: threads.view(made) }, { to: 'all' }));
    return { threadId, exportedAs: thread.threadId, cwd: made.cwd, goalIds };
  }

  #insert(tx: Tx, { line, table, row }: ReadRow, actor: Actor): void {
    const { repositories, writer } = this.#options;
    try {
      const isGoal = table.type === 'goal';
      const kept = withoutRights(table.type, row, this.#options.approvalPolicy());
      repositories.transfer.insert(table.table, isGoal ? resting(kept, tx.nowMs) : kept);
      if (table.type === 'thread') {
        repositories.threads.forget(String(row['id']));
        repositories.ledger.forget(String(row['id']));
      }
      if (!isGoal) return;
      const goalId = String(row['goal_id']);
      repositories.goals.forget(goalId, String(row['thread_id']));
      writer.adopt(tx, goalId, actor);
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      throw refused(line, error instanceof Error ? error.message : String(error));
    }
  }
}

/** What works, or would begin to by itself, comes in paused: nobody here has asked for it yet. */
function resting(row: PlainRow, nowMs: number): PlainRow {
  const still = { ...row, phase: null, next_action_at_ms: null };
  if (row['status'] !== 'active' && row['status'] !== 'usageLimited') return still;
  const reason: StatusReason = {
    code: 'user',
    message: `Paused because it was imported; it was ${row['status']} when it was exported. Look at its folder, then resume it.`,
    detail: null,
    atMs: nowMs,
  };
  return { ...still, status: 'paused', status_reason_json: JSON.stringify(reason) };
}

function inFolder(row: PlainRow, cwd: string): PlainRow {
  return 'cwd' in row ? { ...row, cwd } : row;
}

async function isFolder(path: string): Promise<boolean> {
  const found = isAbsolute(path) ? await stat(path).catch(() => undefined) : undefined;
  return found?.isDirectory() === true;
}

function noFolder(path: string): ProtocolError {
  const message = `cwd must be an absolute path of a folder that is there, not ${path}.`;
  return new ProtocolError('invalid_params', message, { issues: [{ path: ['cwd'], message }] });
}
