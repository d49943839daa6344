import { v7 as uuid } from 'uuid';
import type { TransferRepository } from '../../store/repositories/transfer.js';
import type { ReadRow, ReadThread } from './import-reader.js';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** New ids for those of a thread that are taken in this store. Ids are UUIDs, so one is recognised wherever it stands. */
export class IdMap {
  readonly #ids = new Map<string, string>();

  constructor({ rows }: ReadThread, transfer: TransferRepository) {
    for (const { table, row } of rows) {
      if (table.id === null) continue;
      const id = String(row[table.id]);
      if (transfer.has(table.table, table.id, id)) this.#ids.set(id, uuid());
    }
  }

  idOf(id: string): string {
    return this.#ids.get(id) ?? id;
  }

  apply(read: ReadRow): ReadRow {
    if (this.#ids.size === 0) return read;
    const columns = Object.entries(read.row).map(([name, value]): [string, typeof value] => [
      name,
      typeof value === 'string' ? value.replace(UUID, (id) => this.idOf(id)) : value,
    ]);
    return { ...read, row: Object.fromEntries(columns) };
  }
}
