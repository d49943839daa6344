import type { Config } from '@goald/protocol';
import type { Outbox } from '../events/outbox.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import type { Repositories } from '../store/repositories/index.js';
import type { Store } from '../store/store.js';
import { isPlanning } from '../threads/collaboration.js';
import { Approvals } from './approvals/approvals.js';
import { OpenRequests } from './approvals/open-requests.js';
import { Permission } from './approvals/permission.js';
import { Questions } from './approvals/questions.js';
import { TurnRest } from './approvals/turn-rest.js';
import { BackgroundProcesses } from './background-processes.js';
import { Backoff } from './backoff.js';
import { Confinements } from './confinement/confinements.js';
import { Compactor } from './compactor.js';
import { Engine } from './engine.js';
import { CommandSeries } from './gate/command-series.js';
import { FolderLocks } from './gate/folder-locks.js';
import { Gate } from './gate/gate.js';
import { RunRecords } from './gate/run-records.js';
import { UserVerification } from './gate/user-verification.js';
import { PathGuard } from './guard/path-guard.js';
import { TurnGoalControl } from './goal-control.js';
import { LedgerWriter } from './ledger-writer.js';
import { LostTurns } from './lost-turns.js';
import { ModelCaller } from './model-caller.js';
import type { Clock } from './ports/clock.js';
import type { SandboxSupport } from './ports/confinement.js';
import type { CommandRunner } from './ports/commands.js';
import type { ContextBuilder } from './ports/context.js';
import type { Failpoints } from './ports/failpoints.js';
import type { FileWatch } from './ports/file-watch.js';
import type { AgentModel } from './ports/model.js';
import type { GuardedFiles } from './ports/path-guard.js';
import type { People } from './ports/people.js';
import type { ShellSyntax } from './ports/shell-syntax.js';
import type { ToolSource } from './ports/tools.js';
import type { Workspace } from './ports/workspace.js';
import { QuotaResets } from './quota-resets.js';
import { PlanLeave } from './planning/plan-leave.js';
import { Recovery } from './recovery.js';
import { RequestBuilder } from './request-builder.js';
import { RequestSettler } from './request-settler.js';
import { RunningTurns } from './running-turns.js';
import { Scheduler } from './scheduler.js';
import { StorePatience } from './store-patience.js';
import { SummaryRequest } from './summary-request.js';
import { ThreadHistories } from './thread-histories.js';
import { ToolRunner } from './tool-runner.js';
import { TreeWatch } from './tree-watch.js';
import { TurnBackground } from './turn-background.js';
import { TurnClaim } from './turn-claim.js';
import { TurnFinisher } from './turn-finisher.js';
import { TurnRunner } from './turn-runner.js';
import { TurnRights } from './turn-rights.js';
import { TurnStore } from './turn-store.js';
import { UserShell } from './user-shell.js';
import { WaitFires } from './wait-fires.js';
import { Watchdog } from './watchdog.js';

export interface EngineParts {
  readonly store: Store;
  readonly repositories: Repositories;
  readonly outbox: Outbox;
  readonly goals: GoalWriter;
  readonly model: () => AgentModel;
  readonly context: ContextBuilder;
  readonly tools: ToolSource;
  readonly commands: CommandRunner;
  readonly workspace: Workspace;
  /** Whether the settings of a trusted project allow the network in a folder; null: they say nothing. */
  readonly projectNetwork: (cwd: string) => boolean | null;
  /** Whether the user trusts a folder. */
  readonly trusts: (cwd: string) => boolean;
  readonly guarded: GuardedFiles;
  readonly files: FileWatch;
  readonly sandbox: SandboxSupport;
  readonly people: People;
  readonly shell: ShellSyntax;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly failpoint: Failpoints;
  readonly random: () => number;
  readonly outputDir: string;
  readonly version: string;
  readonly onIncident: (error: unknown, where: string) => string;
}

export interface EngineAssembly {
  readonly engine: Engine;
  readonly claim: TurnClaim;
  readonly running: RunningTurns;
  readonly verification: UserVerification;
  readonly confinements: Confinements;
  readonly runner: TurnRunner;
  readonly background: BackgroundProcesses;
}

/** Puts the engine together. */
export function createEngine(parts: EngineParts): EngineAssembly {
  const { repositories, goals, clock, outbox, onIncident } = parts;
  const histories = new ThreadHistories(repositories.items, repositories.compactions);
  const patience = new StorePatience({ ...parts, goals: repositories.goals });
  const store = new TurnStore(parts.store, repositories, histories, patience);
  const confinements = new Confinements({ ...parts, support: parts.sandbox });
  const rights = new TurnRights({ ...parts, confinements });
  const shared = { ...parts, store, histories, patience, confinements, rights };
  const ledger = new LedgerWriter(repositories, goals);
  const running = new RunningTurns();
  const claim = new TurnClaim(shared);
  const onTreeProblem = (error: unknown): void => {
    onIncident(error, 'tree');
  };
  const guard = new PathGuard({ ...shared, onProblem: onTreeProblem });
  const verifying = {
    ...shared,
    series: new CommandSeries(shared),
    records: new RunRecords(repositories.notes),
    locks: new FolderLocks(),
    guard,
  };
  const gate = new Gate(verifying);
  const verification = new UserVerification({ ...verifying, store: parts.store });
  const trees = new TreeWatch({
    ...shared,
    outbox,
    guard,
    onProblem: onTreeProblem,
  });
  const waits = new WaitFires(shared);
  const background = new BackgroundProcesses({
    ...shared,
    onEnded: (tx, process) => {
      waits.processEnded(tx, process);
    },
  });
  const requests = new OpenRequests();
  const onRest = (): void => {
    engine.placeFreed();
  };
  const rest = new TurnRest({
    ...shared,
    open: requests,
    graceMs: () => parts.config().approvals.graceSeconds * 1000,
    onRest,
  });
  const questions = new Questions({ ...shared, rest });
  const approvals = new Approvals({ ...shared, rest });
  const toolRunner = new ToolRunner({
    ...shared,
    approvals,
    permission: new Permission({ ...shared, approvals }),
    planLeave: new PlanLeave(parts),
    trees,
    guard,
    goalControl: (turn, itemId) =>
      new TurnGoalControl({ ...shared, gate, questions }, turn, itemId),
    background: (turn, itemId) =>
      new TurnBackground({ ...shared, processes: background }, turn, itemId),
  });
  const backoff = new Backoff({
    ...shared,
    onRest,
  });
  const builder = new RequestBuilder(shared);
  const settler = new RequestSettler({ ...shared, ledger, toolRunner });
  const summaries = new SummaryRequest({ ...shared, ledger });
  const compactor = new Compactor({ ...shared, summaries });
  const models = new ModelCaller({ ...shared, ledger, builder, settler, backoff, compactor });
  const finisher = new TurnFinisher({ ...shared, ledger, background, trees, guard });
  const runner = new TurnRunner({
    models,
    offered: parts.tools,
    tools: toolRunner,
    trees,
    compactor,
    userShell: new UserShell(shared),
    finisher,
    patience,
    goals: repositories.goals,
    clock,
    config: parts.config,
    onIncident,
  });
  const lost = new LostTurns({ ...shared, ledger });
  const recovery = new Recovery({ ...shared, guard, lost });
  const engine: Engine = new Engine({
    store: parts.store,
    repositories,
    running,
    histories,
    claim,
    runner,
    recovery,
    quotaResets: new QuotaResets(parts),
    waits,
    background,
    requests,
    clock,
    onIncident,
    scheduler: (turns) =>
      new Scheduler({
        goals: repositories.goals,
        running,
        patience,
        isPlanning: (threadId) => isPlanning(repositories.threads.find(threadId)),
        clock,
        config: parts.config,
        claim: (threadId) => turns.claim(threadId),
        start: (turn) => {
          turns.start(turn);
        },
        onIncident,
      }),
    watchdog: (scheduler) => new Watchdog({ ...shared, running, scheduler, lost, waits }),
  });
  return { engine, claim, running, verification, confinements, runner, background };
}
