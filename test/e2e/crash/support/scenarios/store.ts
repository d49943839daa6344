import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { initial } from '@goald/server/store/migrations/0001-initial.js';
import Database from 'better-sqlite3';
import type { Scenario } from '../scenario.js';
import { work } from './work.js';

/** The home has a database of the first goald: it is backed up and brought to today's shape. */
export const oldStore: Scenario = {
  ...work,
  name: 'old store',
  prepare: async (home) => {
    await mkdir(home, { recursive: true });
    const db = new Database(join(home, 'goald.db'));
    db.exec(initial.sql);
    db.pragma(`user_version = ${String(initial.version)}`);
    db.close();
  },
};

/** The goal is done and backed up, and then the database is damaged: it is restored with everything in it. */
export const damagedStore: Scenario = {
  ...work,
  name: 'damaged store',
  prepare: async (home, live) => {
    await live();
    const path = join(home, 'goald.db');
    await writeFile(path, (await readFile(path)).fill(0xa5, 4096));
    await rm(`${path}-wal`, { force: true });
  },
};
