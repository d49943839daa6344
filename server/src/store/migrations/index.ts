import { initial } from './0001-initial.js';
import { compaction } from './0002-compaction.js';
import { people } from './0003-people.js';
import { waits } from './0004-waits.js';
import { cost } from './0006-cost.js';
import { verification } from './0007-verification.js';
import { fewerIndexes } from './0010-fewer-indexes.js';
import { sandbox } from './0011-sandbox.js';
import { approvals } from './0012-approvals.js';
import { folderTrust } from './0014-folder-trust.js';
import { planning } from './0040-planning.js';
import { readState } from './0041-read-state.js';
import { threadMcp } from './0050-thread-mcp.js';

export interface Migration {
  /** Rising; the database's user_version after it ran. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** Every migration, oldest first. A released one never changes. */
export const migrations: readonly Migration[] = [
  initial,
  compaction,
  people,
  waits,
  cost,
  verification,
  fewerIndexes,
  sandbox,
  approvals,
  folderTrust,
  planning,
  readState,
  threadMcp,
];
