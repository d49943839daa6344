import type * as z from 'zod';
import { newestSchema } from '../../store/migrate.js';
import type { PlainRow, SqlValue, TransferRepository } from '../../store/repositories/transfer.js';
import { refused } from './refused-line.js';
import { endSchema, headerSchema, rowSchema } from './row-schemas.js';
import type { TransferTable } from './tables.js';

type RowSchema = ReturnType<typeof rowSchema>;

/** A row that was read, and the line it stood on. */
export interface ReadRow {
  readonly line: number;
  readonly table: TransferTable;
  readonly row: PlainRow;
}

/** One thread of a file. */
export interface ReadThread {
  readonly threadId: string;
  readonly rows: readonly ReadRow[];
}

/** Reads the rows of a file, each by the schema of its kind, and that they belong together. Throws invalid_params that names the line. */
export class ImportReader {
  readonly #kinds: ReadonlyMap<string, { table: TransferTable; schema: RowSchema }>;

  /** `tables` comes from whoever loads this module: what it imported itself, the bundle of the daemon would have to hold whole. */
  constructor(transfer: TransferRepository, tables: readonly TransferTable[]) {
    this.#kinds = new Map(
      tables.map((table) => {
        const columns = transfer
          .columns(table.table)
          .filter(({ name }) => table.leftOut?.includes(name) !== true);
        return [table.type, { table, schema: rowSchema(table.type, columns) }];
      }),
    );
  }

  read(rows: readonly unknown[]): ReadThread[] {
    const threads: ReadThread[] = [];
    let open: ReadRow[] | null = null;
    for (const [index, value] of rows.entries()) {
      const line = index + 1;
      const type = typeOf(value);
      if (type === 'header') {
        if (open !== null) throw refused(line, 'the thread before has no end: the file is cut');
        this.#checkHeader(line, value);
        open = [];
      } else if (open === null) {
        throw refused(line, 'this is no export of goald: a thread begins with a header');
      } else if (type === 'end') {
        const { rows: count } = checked(endSchema, line, value);
        if (count !== open.length) {
          throw refused(
            line,
            `${String(count)} rows should stand before it, not ${String(open.length)}`,
          );
        }
        threads.push(wholeThread(line, open));
        open = null;
      } else {
        open.push(this.#readRow(line, type, value));
      }
    }
    if (open !== null) throw refused(rows.length, 'the thread has no end: the file is cut');
    if (threads.length === 0) throw refused(1, 'there is nothing to import');
    return threads;
  }

  #checkHeader(line: number, value: unknown): void {
    const { schema } = checked(headerSchema, line, value);
    if (schema > newestSchema()) {
      throw refused(line, 'the file was written by a newer goald: update this one');
    }
  }

  #readRow(line: number, type: string, value: unknown): ReadRow {
    const kind = this.#kinds.get(type);
    if (kind === undefined) throw refused(line, `there is no row of type "${type}"`);
    const { table, schema } = kind;
    checked(schema, line, value);
    // As it was written: a schema drops what it does not name.
    const given = Object.entries((value as { row: object }).row).filter(
      ([, one]) => one !== undefined,
    );
    const columns = given.map(([name, one]): [string, SqlValue] => [
      name,
      name.endsWith('_json') && one !== null ? JSON.stringify(one) : (one as SqlValue),
    ]);
    return { line, table, row: Object.fromEntries(columns) };
  }
}

/** Checks that the rows name each other rightly, and that the charges of each goal add up to its counters. */
function wholeThread(line: number, rows: readonly ReadRow[]): ReadThread {
  const [thread, ...rest] = rows;
  if (thread?.table.type !== 'thread') throw refused(line, 'the first row must be the thread');
  const threadId = String(thread.row['id']);
  const turns = idsOf(rest, 'turn');
  const goals = idsOf(rest, 'goal');
  for (const { line: at, table, row } of rest) {
    if (table.type === 'thread') throw refused(at, 'one thread has only one such row');
    if ('thread_id' in row && row['thread_id'] !== threadId) {
      throw refused(at, 'thread_id names another thread');
    }
    if (table.type !== 'turn' && row['turn_id'] != null && !turns.has(String(row['turn_id']))) {
      throw refused(at, 'turn_id names no turn of this thread');
    }
    if (table.type !== 'goal' && row['goal_id'] != null && !goals.has(String(row['goal_id']))) {
      throw refused(at, 'goal_id names no goal of this thread');
    }
  }
  for (const goal of rest.filter(({ table }) => table.type === 'goal')) assertAddsUp(goal, rest);
  return { threadId, rows };
}

const COUNTERS: readonly (readonly [string, string])[] = [
  ['tokens_used', 'tokens'],
  ['input_tokens', 'input_tokens'],
  ['cached_input_tokens', 'cached_input_tokens'],
  ['output_tokens', 'output_tokens'],
  ['reasoning_tokens', 'reasoning_tokens'],
  ['cost_nano', 'cost_nano'],
];

function assertAddsUp({ line, row: goal }: ReadRow, rows: readonly ReadRow[]): void {
  const own = rows.filter(
    ({ table, row }) => table.type === 'request' && row['goal_id'] === goal['goal_id'],
  );
  for (const [counter, column] of COUNTERS) {
    const sum = own.reduce((total, { row }) => total + Number(row[column] ?? 0), 0);
    if (sum !== Number(goal[counter] ?? 0)) {
      throw refused(
        line,
        `${counter} is ${String(goal[counter] ?? 0)}, but the requests of the goal add up to ${String(sum)}`,
      );
    }
  }
}

function idsOf(rows: readonly ReadRow[], type: string): ReadonlySet<string> {
  return new Set(
    rows.flatMap(({ table, row }) =>
      table.type === type && table.id !== null ? [String(row[table.id])] : [],
    ),
  );
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  line: number,
  value: unknown,
): z.output<Schema> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw refused(line, `${where}${issue?.message ?? 'not valid'}`);
}

function typeOf(value: unknown): string {
  const isObject = typeof value === 'object' && value !== null && 'type' in value;
  return isObject && typeof value.type === 'string' ? value.type : '';
}
