import type { EventRepository } from '../store/repositories/events.js';
import type { ApprovalService } from '../goals/approvals.js';
import type { BlockerService } from '../goals/blockers.js';
import type { GoalQueries } from '../goals/goal-queries.js';
import type { GoalService } from '../goals/goal-service.js';
import type { GoalWaiters } from '../goals/goal-waiters.js';
import type { ProposalService } from '../goals/proposals.js';
import type { Confinements } from '../engine/confinement/confinements.js';
import type { UserVerification } from '../engine/gate/user-verification.js';
import type { McpServerList } from '../engine/ports/mcp.js';
import type { ReportService } from '../engine/report-service.js';
import type { TurnService } from '../engine/turn-service.js';
import type { Projects } from '../projects/projects.js';
import type { ModelCatalog } from '../engine/model-catalog.js';
import type { ClientConfig } from '../settings/client-config.js';
import type { Subscriptions } from '../events/subscriptions.js';
import type { ItemQueries } from '../threads/item-queries.js';
import type { ThreadForks } from '../threads/thread-forks.js';
import type { GitReader } from '../engine/ports/git-reader.js';
import type { ReadStates } from '../threads/read-states.js';
import type { ThreadQueries } from '../threads/thread-queries.js';
import type { ThreadExporter } from '../threads/transfer/thread-exporter.js';
import type { ThreadImporter } from '../threads/transfer/thread-importer.js';
import type { Outgoing } from '../store/outgoing.js';
import type { AnswerTaker } from './router.js';
import type { ModelIdentity, ThreadService } from '../threads/thread-service.js';

/** What the daemon says of itself. */
export interface ServerIdentity {
  readonly version: string;
  /** Absolute state folder. */
  readonly home: string;
  readonly storeEpoch: string;
  readonly headSeq: () => number;
  /** What people should know of the store, such as that it was restored. */
  readonly storeNotice: () => string | null;
  readonly model: () => ModelIdentity;
  /** Instruction files the agent reads in a folder, root first. */
  readonly instructionFiles: (cwd: string) => Promise<readonly string[]>;
  readonly goalsEnabled: () => boolean;
  /** What the configuration can switch, and whether it is on. */
  readonly features: () => Readonly<Record<string, boolean>>;
  /** Folders that were asked about, or the one of threads that name none. */
  readonly folders: (cwds: readonly string[] | null | undefined) => readonly string[];
  /** Tier the requests of a thread with this setting ask for: priority, or null for the standard one. */
  readonly serviceTier: (threadTier: string | null) => string | null;
}

/** Everything handlers may call. */
export interface Services {
  readonly identity: ServerIdentity;
  readonly threads: ThreadService;
  readonly threadQueries: ThreadQueries;
  readonly itemQueries: ItemQueries;
  readonly readStates: ReadStates;
  readonly forks: ThreadForks;
  readonly git: GitReader;
  readonly exporter: ThreadExporter;
  readonly importer: ThreadImporter;
  readonly turns: TurnService;
  readonly goals: GoalService;
  readonly approvals: ApprovalService;
  readonly blockers: BlockerService;
  readonly proposals: ProposalService;
  readonly projects: Projects;
  readonly clientConfig: ClientConfig;
  readonly models: ModelCatalog;
  readonly goalQueries: GoalQueries;
  readonly waiters: GoalWaiters;
  readonly reports: ReportService;
  readonly verification: UserVerification;
  readonly confinements: Confinements;
  readonly mcp: McpServerList;
  readonly events: EventRepository;
  readonly subscriptions: Subscriptions;
  /** An error nobody waits for. Must not throw. */
  readonly onProblem: (error: unknown) => void;
  /** What people are asked in a thread right now: requests to clients. */
  readonly openRequests: (threadId: string) => readonly Outgoing[];
  readonly answers: AnswerTaker;
  /** Threads that any client is subscribed to. */
  readonly subscribedThreads: () => ReadonlySet<string>;
}
