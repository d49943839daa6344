import { EXPORT_FORMAT, EXPORT_VERSION, ProtocolError, type ExportRow } from '@goald/protocol';
import { encodeCursor, decodeCursor } from '../../store/cursor.js';
import type { Repositories } from '../../store/repositories/index.js';
import type { PlainRow } from '../../store/repositories/transfer.js';
import { TRANSFER_TABLES, type TransferTable } from './tables.js';

export interface ThreadExporterOptions {
  readonly repositories: Repositories;
  readonly version: string;
  readonly now: () => number;
  /** Takes secrets of the daemon out of a text. */
  readonly withoutSecrets: (text: string) => string;
}

export interface ExportPage {
  readonly rows: ExportRow[];
  readonly nextCursor: string | null;
}

/** Where a page begins. */
interface Place {
  /** Turns up to this ordinal are over, and written. */
  readonly turns: number;
  readonly table: number;
  readonly offset: number;
  /** Rows before it. */
  readonly written: number;
}

const PAGE_BYTES = 4 * 1024 * 1024;
const READ_ROWS = 200;
const DEFAULT_ROWS = 500;

/** Writes a thread out, a page at a time. What is over when the first page is read is the same for all of them. */
export class ThreadExporter {
  readonly #options: ThreadExporterOptions;

  constructor(options: ThreadExporterOptions) {
    this.#options = options;
  }

  /** Throws thread_not_found, and invalid_params for a cursor that is not ours. */
  page(request: {
    threadId: string;
    cursor?: string | null | undefined;
    limit?: number | null | undefined;
  }): ExportPage {
    const { threadId } = request;
    if (this.#options.repositories.threads.find(threadId) === undefined) {
      throw new ProtocolError('thread_not_found', `There is no thread ${threadId}.`, { threadId });
    }
    const most = request.limit ?? DEFAULT_ROWS;
    let place = request.cursor == null ? this.#begin(threadId) : placeOf(request.cursor);
    const rows: ExportRow[] = request.cursor == null ? [this.#header()] : [];
    let bytes = 0;
    while (rows.length < most && bytes < PAGE_BYTES) {
      const table = TRANSFER_TABLES[place.table];
      if (table === undefined) {
        rows.push({ type: 'end', rows: place.written });
        return { rows, nextCursor: null };
      }
      const limit = Math.min(READ_ROWS, most - rows.length);
      const found = this.#read(table, threadId, place, limit);
      let taken = 0;
      for (const row of found) {
        if (bytes >= PAGE_BYTES) break;
        const text = this.#options.withoutSecrets(JSON.stringify(row));
        bytes += text.length;
        rows.push(JSON.parse(text) as ExportRow);
        taken += 1;
      }
      const isOver = found.length < limit && taken === found.length;
      place = {
        turns: place.turns,
        table: isOver ? place.table + 1 : place.table,
        offset: isOver ? 0 : place.offset + taken,
        written: place.written + taken,
      };
    }
    return { rows, nextCursor: cursorOf(place) };
  }

  #begin(threadId: string): Place {
    const { turns } = this.#options.repositories;
    const open = turns.inProgress(threadId);
    const last = open === undefined ? turns.nextOrdinal(threadId) - 1 : open.ordinal - 1;
    return { turns: last, table: 0, offset: 0, written: 0 };
  }

  #header(): ExportRow {
    const { repositories, version, now } = this.#options;
    return {
      type: 'header',
      format: EXPORT_FORMAT,
      version: EXPORT_VERSION,
      schema: repositories.transfer.schemaVersion(),
      exportedAtMs: now(),
      daemonVersion: version,
    };
  }

  #read(table: TransferTable, threadId: string, place: Place, limit: number): ExportRow[] {
    const { transfer } = this.#options.repositories;
    const { offset, turns } = place;
    const where = table.where(threadId, turns);
    const rows = transfer.rows(table.table, where, { order: table.order, offset, limit });
    return rows.map((row) => this.#written(table, row, turns));
  }

  #written(table: TransferTable, row: PlainRow, turns: number): ExportRow {
    const columns = Object.entries(row).filter(([name]) => table.leftOut?.includes(name) !== true);
    const values = columns.map(([name, value]): [string, unknown] => [
      name,
      name.endsWith('_json') && typeof value === 'string' ? JSON.parse(value) : value,
    ]);
    const written = Object.fromEntries(values);
    const counters = table.type === 'goal' ? this.#counters(row, turns) : {};
    return { type: table.type, row: { ...written, ...counters } };
  }

  /** What the requests that are written add up to: a turn in flight may have charged more. */
  #counters(goal: PlainRow, turns: number): ExportRow {
    const { ledger, turns: turnRows } = this.#options.repositories;
    const threadId = String(goal['thread_id']);
    if (turnRows.nextOrdinal(threadId) - 1 === turns) return {};
    const goalId = String(goal['goal_id']);
    const totals = ledger.totals({ goalId, threadId, throughTurn: turns });
    return {
      tokens_used: totals.tokens,
      input_tokens: totals.input,
      cached_input_tokens: totals.cachedInput,
      output_tokens: totals.output,
      reasoning_tokens: totals.reasoning,
      cost_nano: totals.costNano,
    };
  }
}

function cursorOf({ turns, table, offset, written }: Place): string {
  return encodeCursor(turns, [table, offset, written].join('.'));
}

/** Throws invalid_params. */
function placeOf(cursor: string): Place {
  const { value, id } = decodeCursor(cursor);
  const [table = -1, offset = -1, written = -1] = id.split('.').map(Number);
  if ([value, table, offset, written].every((part) => Number.isSafeInteger(part) && part >= 0)) {
    return { turns: value, table, offset, written };
  }
  // What decodeCursor throws for any other cursor that is not ours.
  return placeOf('');
}
