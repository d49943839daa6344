import type { Sql } from '../sql.js';
import { CompactionRepository } from './compactions.js';
import { ApprovalRuleRepository } from './approval-rules.js';
import { ApprovalRepository } from './approvals.js';
import { BlockerRepository } from './blockers.js';
import { FolderTrustRepository } from './folder-trust.js';
import { GoalInputRepository } from './goal-inputs.js';
import { GoalNotesRepository } from './goal-notes.js';
import { GoalRepository } from './goals.js';
import { IdempotencyRepository } from './idempotency.js';
import { ItemRepository } from './items.js';
import { LedgerRepository } from './ledger.js';
import { MetaRepository } from './meta.js';
import { ProcessRepository } from './processes.js';
import { ProposalRepository } from './proposals.js';
import { PathBreachRepository } from './path-breaches.js';
import { ThreadMcpRepository } from './thread-mcp.js';
import { ThreadRepository } from './threads.js';
import { TransferRepository } from './transfer.js';
import { TurnRepository } from './turns.js';
import { WaitRepository } from './waits.js';

/** Every repository over one connection. They run inside whatever transaction is open. */
export interface Repositories {
  readonly approvals: ApprovalRepository;
  readonly approvalRules: ApprovalRuleRepository;
  readonly compactions: CompactionRepository;
  readonly blockers: BlockerRepository;
  readonly breaches: PathBreachRepository;
  readonly folderTrust: FolderTrustRepository;
  readonly goals: GoalRepository;
  readonly inputs: GoalInputRepository;
  readonly notes: GoalNotesRepository;
  readonly idempotency: IdempotencyRepository;
  readonly items: ItemRepository;
  readonly ledger: LedgerRepository;
  readonly meta: MetaRepository;
  readonly processes: ProcessRepository;
  readonly proposals: ProposalRepository;
  readonly threadMcp: ThreadMcpRepository;
  readonly threads: ThreadRepository;
  readonly transfer: TransferRepository;
  readonly turns: TurnRepository;
  readonly waits: WaitRepository;
}

export function createRepositories(sql: Sql): Repositories {
  return {
    approvals: new ApprovalRepository(sql),
    approvalRules: new ApprovalRuleRepository(sql),
    compactions: new CompactionRepository(sql),
    blockers: new BlockerRepository(sql),
    breaches: new PathBreachRepository(sql),
    folderTrust: new FolderTrustRepository(sql),
    goals: new GoalRepository(sql),
    inputs: new GoalInputRepository(sql),
    notes: new GoalNotesRepository(sql),
    idempotency: new IdempotencyRepository(sql),
    items: new ItemRepository(sql),
    ledger: new LedgerRepository(sql),
    meta: new MetaRepository(sql),
    processes: new ProcessRepository(sql),
    proposals: new ProposalRepository(sql),
    threadMcp: new ThreadMcpRepository(sql),
    threads: new ThreadRepository(sql),
    transfer: new TransferRepository(sql),
    turns: new TurnRepository(sql),
    waits: new WaitRepository(sql),
  };
}
