import { sql, type RawBuilder } from 'kysely';
import type { TableName } from '../../store/repositories/transfer.js';

/** A table that belongs to a thread, and how its rows are found and ordered. */
export interface TransferTable {
  /** `type` of its rows in an export. */
  readonly type: string;
  readonly table: TableName;
  /** Column with an id of its own; null where other columns name its rows. */
  readonly id: string | null;
  readonly order: readonly string[];
  /** Its rows of a thread whose turns up to an ordinal are over. */
  readonly where: (threadId: string, turns: number) => RawBuilder<unknown>;
  /** Columns that count for this store only: not written, made anew when read. */
  readonly leftOut?: readonly string[];
}

const ofThread = (threadId: string): RawBuilder<unknown> => sql`thread_id = ${threadId}`;

/** What happened in a turn that is over. */
const ofTurns = (threadId: string, turns: number): RawBuilder<unknown> =>
  sql`thread_id = ${threadId} and turn_id in (select id from turn where thread_id = ${threadId} and ordinal <= ${turns})`;

/** What a goal gathered, unless that happened in a turn that is not over. */
const upToTurns = (threadId: string, turns: number): RawBuilder<unknown> =>
  sql`thread_id = ${threadId} and (turn_id is null or turn_id in (select id from turn where thread_id = ${threadId} and ordinal <= ${turns}))`;

/** The same for tables that name only the goal. */
const ofGoals = (threadId: string, turns: number): RawBuilder<unknown> =>
  sql`goal_id in (select goal_id from goal where thread_id = ${threadId}) and (turn_id is null or turn_id in (select id from turn where thread_id = ${threadId} and ordinal <= ${turns}))`;

/** Tables that tell of threads and goals and stay in their store: the log, the waits, processes and approvals of this machine, and secrets. */
export const NOT_TRANSFERRED: readonly TableName[] = [
  'goal_event',
  'process',
  'wait',
  'approval',
  'approval_rule',
  'thread_mcp',
];

/** Everything of a thread, in the order in which it is written and read: what is named stands before what names it. */
export const TRANSFER_TABLES: readonly TransferTable[] = [
  {
    type: 'thread',
    table: 'thread',
    id: 'id',
    order: ['id'],
    where: (threadId) => sql`id = ${threadId}`,
    leftOut: ['fence', 'unread_from', 'read_revision'],
  },
  {
    type: 'goal',
    table: 'goal',
    id: 'goal_id',
    order: ['created_at_ms', 'goal_id'],
    where: ofThread,
    leftOut: ['wait_json', 'pending_json'],
  },
  {
    type: 'turn',
    table: 'turn',
    id: 'id',
    order: ['ordinal'],
    where: (threadId, turns) => sql`thread_id = ${threadId} and ordinal <= ${turns}`,
    leftOut: ['guard_json'],
  },
  { type: 'item', table: 'item', id: 'id', order: ['ordinal'], where: ofTurns },
  {
    type: 'request',
    table: 'model_request',
    id: 'id',
    order: ['ordinal'],
    where: (threadId, turns) => sql`${ofTurns(threadId, turns)} and state = 'charged'`,
  },
  {
    type: 'compaction',
    table: 'compaction',
    id: null,
    order: ['thread_id'],
    // One that reaches into a turn that is left out would hide what comes after the import.
    where: (threadId, turns) =>
      sql`thread_id = ${threadId} and through_ordinal <= (select coalesce(max(item.ordinal), 0) from item join turn on turn.id = item.turn_id where item.thread_id = ${threadId} and turn.ordinal <= ${turns})`,
  },
  { type: 'plan', table: 'plan', id: null, order: ['thread_id'], where: upToTurns },
  { type: 'blocker', table: 'blocker', id: 'id', order: ['raised_at_ms', 'id'], where: upToTurns },
  { type: 'proposal', table: 'proposal', id: 'id', order: ['made_at_ms', 'id'], where: upToTurns },
  {
    type: 'input',
    table: 'goal_input',
    id: 'id',
    order: ['ordinal'],
    where: upToTurns,
    leftOut: ['ordinal'],
  },
  {
    type: 'verification',
    table: 'verification_run',
    id: 'id',
    order: ['started_at_ms', 'id'],
    where: (threadId, turns) => sql`${upToTurns(threadId, turns)} and status <> 'running'`,
  },
  {
    type: 'refusal',
    table: 'refused_proposal',
    id: 'id',
    order: ['at_ms', 'id'],
    where: ofGoals,
  },
  { type: 'breach', table: 'path_breach', id: 'id', order: ['at_ms', 'id'], where: ofGoals },
  {
    type: 'sign',
    table: 'progress_sign',
    id: null,
    order: ['at_ms', 'goal_id', 'sign'],
    where: ofGoals,
  },
];
