import type { Config } from '@goald/protocol';
import type { Confinements } from '../engine/confinement/confinements.js';
import { openRequestsOf } from '../engine/approvals/open-in-thread.js';
import { createEngine, type EngineParts } from '../engine/create-engine.js';
import { ModelCatalog } from '../engine/model-catalog.js';
import type { Engine } from '../engine/engine.js';
import type { GitReader } from '../engine/ports/git-reader.js';
import type { Images } from '../engine/ports/images.js';
import type { McpServerList } from '../engine/ports/mcp.js';
import { ReportService } from '../engine/report-service.js';
import { TurnService } from '../engine/turn-service.js';
import { ApprovalService } from '../goals/approvals.js';
import { BlockerService } from '../goals/blockers.js';
import { GoalQueries } from '../goals/goal-queries.js';
import { GoalService } from '../goals/goal-service.js';
import { GoalWaiters } from '../goals/goal-waiters.js';
import { GoalWriter } from '../goals/goal-writer.js';
import { ProposalService } from '../goals/proposals.js';
import { priceOf, tierOf, type Tier } from '../goals/price.js';
import { Projects } from '../projects/projects.js';
import { createAnswers } from '../rpc/answers.js';
import type { ConnectionSet } from '../rpc/connection-set.js';
import type { Services } from '../rpc/services.js';
import { ClientConfig } from '../settings/client-config.js';
import { ThreadExporter } from '../threads/transfer/thread-exporter.js';
import { ThreadImporter } from '../threads/transfer/thread-importer.js';
import { ItemQueries } from '../threads/item-queries.js';
import { ThreadForks } from '../threads/thread-forks.js';
import { ReadStates } from '../threads/read-states.js';
import { ThreadQueries } from '../threads/thread-queries.js';
import { ThreadService } from '../threads/thread-service.js';
import type { OpenStore } from './open-store.js';

/** What the engine needs beside the store. */
export type Agent = Omit<
  EngineParts,
  'store' | 'repositories' | 'outbox' | 'goals' | 'trusts' | 'projectNetwork' | 'people'
>;

export interface ServiceSettings {
  /** Folder of threads that name none. */
  readonly defaultCwd: string;
  readonly git: GitReader;
  /** Absolute paths of the configuration and of the database. */
  readonly configFile: string;
  readonly database: string;
  /** Removes what the daemon keeps for the commands of a thread. Never rejects. */
  readonly removeFiles: (threadId: string) => Promise<void>;
  /** Takes the daemon's secrets out of a text of JSON. */
  readonly withoutSecrets: (json: string) => string;
  readonly mcp: McpServerList;
  readonly images: Images;
}

export interface Domain {
  readonly engine: Engine;
  /** Tier the requests of a thread with this setting ask for. */
  readonly tier: (threadTier: string | null) => Tier;
  readonly services: Omit<Services, 'identity' | 'events' | 'subscriptions' | 'onProblem'>;
}

/** Puts the engine and the services over the store that clients call. */
export function createServices(
  { store, repositories, mutations, outbox }: OpenStore,
  agent: Agent,
  connections: ConnectionSet,
  {
    defaultCwd,
    git,
    configFile,
    database,
    removeFiles,
    withoutSecrets,
    mcp,
    images,
  }: ServiceSettings,
): Domain {
  const { clock, model, workspace, version } = agent;
  const config = (): Config => agent.config();
  const now = (): number => clock.now();
  const writer = new GoalWriter(repositories);
  const projects = new Projects({ repositories, mutations, limits: () => config().limits });
  const trusts = (cwd: string): boolean => projects.trusts(cwd);
  const projectNetwork = (cwd: string): boolean | null => projects.network(cwd);
  const above = { goals: writer, trusts, projectNetwork, people: connections };
  const parts = { ...agent, ...above, store, repositories, outbox };
  const { engine, claim, running, verification, confinements, runner, background } =
    createEngine(parts);
  const assertSandbox: Confinements['assertEnforceable'] = (mode, folder) => {
    confinements.assertEnforceable(mode, folder);
  };
  const tier = (threadTier: string | null): Tier => tierOf(threadTier, config());
  const goals = new GoalService({
    repositories,
    mutations,
    writer,
    assertSandbox,
    limits: ({ cwd }) => projects.limits(cwd),
    verification: ({ cwd }) => projects.verification(cwd),
    pricing: (thread) => {
      const name = thread.model ?? model().defaultModel;
      return { model: name, priced: priceOf(config(), name) !== null };
    },
  });
  const people = { repositories, mutations, goals, writer, failpoint: agent.failpoint };
  const approvals = new ApprovalService(people);
  const blockers = new BlockerService(people);
  const threads = new ThreadService({
    repositories,
    mutations,
    goals,
    assertSandbox,
    model,
    version,
    gitInfo: (folder) => workspace.gitInfo(folder),
    stopTurn: async (threadId) => {
      await verification.stop(threadId);
      await engine.stopThread(threadId);
    },
    forget: (threadId) => {
      for (const { session } of connections) session.threads.delete(threadId);
      mcp.forget(threadId);
    },
    approvalPolicy: () => config().approvals.policy,
    removeFiles,
    defaultCwd,
    modelOf: (cwd) => projects.model(cwd),
  });
  const turns = new TurnService({
    repositories,
    mutations,
    goals,
    claim,
    running,
    confinements,
    images,
    start: (turn) => {
      engine.start(turn);
    },
    runBeside: (turn, command) => {
      runner.runBeside(turn, command);
    },
    processes: background,
  });
  const goalQueries = new GoalQueries(repositories);
  const waiters = new GoalWaiters(goalQueries, clock);
  outbox.listen((committed) => {
    waiters.hear(committed);
  });
  const openRequests: Services['openRequests'] = (threadId) =>
    openRequestsOf(repositories, threadId);
  const services = {
    threads,
    threadQueries: new ThreadQueries(repositories, threads, model),
    itemQueries: new ItemQueries(repositories, threads),
    readStates: new ReadStates({ repositories, mutations, threads }),
    forks: new ThreadForks({ repositories, mutations, threads }),
    git,
    exporter: new ThreadExporter({ repositories, version, now, withoutSecrets }),
    importer: new ThreadImporter({
      ...{ repositories, mutations, threads, writer, now },
      approvalPolicy: () => config().approvals.policy,
    }),
    turns,
    goals,
    projects,
    clientConfig: new ClientConfig({
      config,
      projects,
      mutations,
      provider: () => model().provider,
      configFile,
      database,
    }),
    models: new ModelCatalog({ config, model }),
    approvals,
    blockers,
    openRequests,
    answers: createAnswers({
      approvals,
      blockers,
      repositories,
      openRequests,
      clock,
      onProblem: (error) => {
        agent.onIncident(error, 'an answer');
      },
    }),
    proposals: new ProposalService(people),
    goalQueries,
    waiters,
    verification,
    confinements,
    mcp,
    reports: new ReportService({
      repositories,
      queries: goalQueries,
      workspace,
      tier,
    }),
    subscribedThreads: () =>
      new Set([...connections].flatMap(({ session }) => [...session.threads])),
  };
  return { engine, tier, services };
}
