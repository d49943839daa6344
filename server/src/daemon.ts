import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  homeId,
  notifications,
  type Config,
  type DoctorReport,
  type HomePaths,
} from '@goald/protocol';
import type { Database } from 'better-sqlite3';
import { v7 as uuid } from 'uuid';
import { PromptContextBuilder } from './agent/context/prompt-context-builder.js';
import { createModel } from './agent/models/create-model.js';
import { secretsOf } from './agent/mcp/http-headers.js';
import { McpRegistry } from './agent/mcp/mcp-registry.js';
import { ToolsWithMcp } from './agent/mcp/mcp-tools.js';
import { OutputFiles } from './agent/tools/output-files.js';
import { BuiltInTools } from './agent/tools/tool-set.js';
import { createServices } from './compose/create-services.js';
import { createWire } from './compose/create-wire.js';
import { Housekeeping } from './compose/housekeeping.js';
import { openStore } from './compose/open-store.js';
import { createBackupKeeper, storeListener } from './compose/store-safety.js';
import { ConfigSource } from './config/config-source.js';
import { readEnvironment } from './config/environment.js';
import { loadConfig } from './config/load-config.js';
import type { Clock } from './engine/ports/clock.js';
import type { Failpoints } from './engine/ports/failpoints.js';
import { freeNotice } from './engine/confinement/confinements.js';
import { SystemClock } from './engine/system-clock.js';
import { AsyncStack } from './host/async-stack.js';
import { openLog } from './host/log.js';
import { publishService } from './host/service-file.js';
import { assertUsableHome, HomeUnusableError } from './host/usable-home.js';
import { daemonVersion } from './host/version.js';
import { withoutSecrets } from './host/without-secrets.js';
import { RpcConnection } from './rpc/connection.js';
import { ConnectionSet } from './rpc/connection-set.js';
import { recentNotice, recoveryText } from './store/backups/recovery-note.js';
import { HomeLockedError, lockHome } from './store/home-lock.js';
import { storeError, StoreUnavailableError } from './store/store-fault.js';
import { outgoing } from './store/outgoing.js';
import { loadOrCreateToken } from './transport/auth.js';
import type { ListenAddress } from './transport/listen-address.js';
import { listen } from './transport/listener.js';
import { daemonSandbox, tryOut } from './workspace/sandbox/daemon-sandbox.js';
import { ShellCommandRunner } from './workspace/command-runner.js';
import { ImageFiles } from './workspace/image-files.js';
import { listProcesses } from './workspace/list-processes.js';
import { FolderWorkspace } from './workspace/folder-workspace.js';
import { GitCommands } from './workspace/git-commands.js';
import { GuardedFolders } from './workspace/guard/guarded-folder.js';
import { LocalServerProcesses } from './workspace/server-process.js';
import { BashSyntax } from './workspace/shell-syntax/bash-syntax.js';
import { StatWatch } from './workspace/stat-watch.js';

export { HomeLockedError, HomeUnusableError, StoreUnavailableError };

const GOING_AWAY = 1001;
const HOUR_MS = 3_600_000;

export interface DaemonOptions {
  readonly paths: HomePaths;
  readonly listen: readonly ListenAddress[];
  /** TCP clients need no token; only loopback addresses allow it. */
  readonly withoutAuth: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** Folder of threads that name none. */
  readonly cwd: string;
}

/** What tests put in the place of time, chance and luck. */
export interface DaemonOverrides {
  readonly clock?: Clock;
  readonly failpoint?: Failpoints;
  readonly random?: () => number;
  /** Sees the open database before anything is written: to give it less room, say. */
  readonly onDatabase?: (db: Database) => void;
}

export interface Daemon extends AsyncDisposable {
  /** ws://HOST:PORT and unix://PATH, ports as they really are. */
  readonly endpoints: readonly string[];
  /** What a person should read at the start, such as that the database was restored. */
  readonly notices: readonly string[];
  /** Resolves when the daemon cannot go on: dispose it then. */
  readonly failed: Promise<Error>;
}

/**
 * Builds and starts the daemon: takes the home, opens the store, puts it in order, listens, goes on with active goals. Disposing
 * interrupts the turns in flight and closes everything; goals stay active. Throws HomeUnusableError, HomeLockedError, ConfigError,
 * NewerDatabaseError, MigrationError, StoreUnavailableError and what the listeners throw, with nothing left open.
 */
export async function create(
  options: DaemonOptions,
  overrides: DaemonOverrides = {},
): Promise<Daemon> {
  const stack = new AsyncStack();
  try {
    return await assemble(stack, options, overrides);
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw storeError(error);
  }
}

async function assemble(
  stack: AsyncStack,
  { paths, listen: addresses, withoutAuth, env, cwd }: DaemonOptions,
  overrides: DaemonOverrides,
): Promise<Daemon> {
  assertUsableHome([paths.state, dirname(paths.socket)]);
  const lock = lockHome(paths.lock);
  stack.defer(() => {
    lock[Symbol.dispose]();
  });
  const environment = readEnvironment(env);
  const settings = new ConfigSource(
    paths.config,
    environment,
    await loadConfig(paths.config, environment),
  );
  stack.use(settings);
  const config = (): Config => settings.current;
  const secrets = new Set([environment.apiKey ?? '']);
  const log = openLog({ folder: paths.logs, level: config().log.level, secrets });
  const onIncident = (error: unknown, where: string, incidentId: string = uuid()): string => {
    log.error({ err: error, incidentId, where }, 'incident');
    return incidentId;
  };
  const outputDir = join(paths.state, 'outputs');
  // Tried while the store opens.
  const probing = daemonSandbox({
    paths,
    env,
    sockets: addresses.flatMap((address) => (address.kind === 'unix' ? [address.path] : [])),
    outputs: outputDir,
    config: () => config().sandbox,
  });
  const clock = overrides.clock ?? new SystemClock();
  const now = (): number => clock.now();
  const owner = homeId(paths.state);
  const version = daemonVersion();
  const failpoint = overrides.failpoint ?? (() => undefined);
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  const opened = openStore(stack, {
    path: paths.database,
    backups: paths.backups,
    backupsKept: config().store.backupsKept,
    leftBehind: paths.serviceFile,
    synchronous: config().store.synchronous,
    health: storeListener(paths.database, log, fail),
    failpoint,
    now,
    onIncident,
    onOpened: overrides.onDatabase ?? (() => undefined),
  });
  const backups = createBackupKeeper(opened, {
    folder: paths.backups,
    everyMs: () => config().store.backupEveryHours * HOUR_MS || null,
    kept: () => config().store.backupsKept,
    clock,
    failpoint,
    log,
  });
  stack.use(backups);
  let served = false;
  stack.defer(() =>
    served && opened.store.sql.health.trouble === null ? backups.atStop() : undefined,
  );
  const snapshots = join(paths.state, 'snapshots');
  stack.use(
    new Housekeeping(opened, {
      keptDays: () => config().store.eventRetentionDays,
      folders: [outputDir, snapshots],
      clock,
      onIncident,
    }),
  );
  const recovery = opened.repositories.meta.recovery();
  const notices = recovery?.told === false ? [recoveryText(recovery)] : [];
  for (const notice of notices) log.error({ recovery }, notice);

  const sandbox = await probing;
  const free = freeNotice(config().sandbox, sandbox.support);
  if (free !== null) {
    log.warn(free);
    notices.push(free);
  }
  const commands = new ShellCommandRunner({
    sandbox,
    homeId: owner,
    stopGraceMs: config().engine.stopGraceMs,
    env,
  });
  const workspace = new FolderWorkspace({ storeDir: snapshots });
  const context = new PromptContextBuilder();
  const outputs = new OutputFiles({
    folder: outputDir,
    limit: config().engine.toolOutputTokens,
    countTokens: (text) => context.countTokens(text),
  });
  const commandTimeoutMs = config().engine.commandTimeoutSeconds * 1000;
  const processes = new LocalServerProcesses({
    homeId: owner,
    graceMs: config().engine.stopGraceMs,
    env,
  });
  const { threadMcp, turns } = opened.repositories;
  const hidden = (servers: Config['mcpServers']): Config['mcpServers'] => {
    for (const secret of secretsOf(servers, env)) secrets.add(secret);
    return servers;
  };
  const readServers = (json: string): Config['mcpServers'] =>
    hidden(JSON.parse(json) as Config['mcpServers']);
  threadMcp.all().forEach(readServers);
  const mcp = new McpRegistry({
    connect: { processes, version, env, home: homedir() },
    clock,
    given: (threadId) => {
      const json = threadMcp.find(threadId);
      return json === null ? null : readServers(json);
    },
    isAtWork: (threadId) => turns.inProgress(threadId) !== undefined,
    onStatus: (told) => {
      if (told.error !== null) log.warn({ mcp: told }, 'an MCP server is not as it should be');
      const { threadId } = told;
      const to =
        threadId === null ? ({ to: 'all' } as const) : ({ to: 'thread', threadId } as const);
      opened.outbox.tell(outgoing(notifications.mcpServerStartupStatusUpdated, told, to));
    },
  });
  const tools = new ToolsWithMcp({
    own: new BuiltInTools({
      commands,
      outputs,
      commandTimeoutMs,
      viewOf: (confinement) => sandbox.fileView(confinement),
    }),
    servers: mcp,
    outputs,
  });
  let model = createModel({ config: config().model, apiKey: environment.apiKey, clock });

  const connections = new ConnectionSet();
  // Clients hear of a commit before the engine acts on it.
  const wire = createWire(opened, connections, { now, onIncident });
  const agent = {
    model: () => model,
    context,
    tools,
    commands,
    workspace,
    guarded: new GuardedFolders({ storeDir: join(snapshots, 'guard') }),
    files: new StatWatch(),
    shell: new BashSyntax((error) => {
      onIncident(error, 'shell syntax');
    }),
    sandbox: sandbox.support,
    clock,
    config,
    failpoint,
    random: overrides.random ?? Math.random,
    outputDir,
    version,
    onIncident: (error: unknown, where: string) => onIncident(error, where),
  };
  const { engine, tier, services } = createServices(opened, agent, connections, {
    defaultCwd: cwd,
    git: new GitCommands(env, owner),
    configFile: paths.config,
    database: paths.database,
    removeFiles: (threadId) => sandbox.forget(threadId),
    withoutSecrets: (text) => withoutSecrets(text, secrets),
    mcp,
    images: new ImageFiles(outputDir),
  });
  opened.outbox.listen((committed) => {
    engine.hear(committed);
  });
  const router = wire.route(services, {
    version,
    home: paths.state,
    storeEpoch: opened.storeEpoch,
    storeNotice: () => recentNotice(opened.repositories.meta.recovery(), now()),
    headSeq: () => opened.store.headSeq,
    model: () => model,
    instructionFiles: (folder) => workspace.instructionFiles(folder),
    goalsEnabled: () => config().features.goals,
    features: () => ({ goals: config().features.goals, goal_tools: config().features.goalTools }),
    folders: (cwds) => (cwds == null || cwds.length === 0 ? [cwd] : cwds),
    serviceTier: (threadTier) => (tier(threadTier) === 'priority' ? 'priority' : null),
  });

  await engine.recover();
  // What a dead daemon left is ended by now; it ends when no turn needs it any more.
  stack.use(mcp);
  mcp.apply(hidden(config().mcpServers));
  const token = await loadOrCreateToken(paths.token);
  secrets.add(token);
  let ready = false;
  const listeners = await listen(addresses, {
    token: withoutAuth ? null : token,
    allowedOrigins: config().transport.allowedOrigins,
    allowedHosts: config().transport.allowedHosts,
    ready: () => ready,
    onChannel: (channel) => {
      connections.add(new RpcConnection(channel, router, clock));
    },
  });
  stack.use(listeners);
  stack.defer(() => connections.closeAll(GOING_AWAY, 'the daemon is stopping'));
  stack.use(
    await publishService(paths.serviceFile, {
      pid: process.pid,
      version,
      startedAtMs: now(),
      endpoints: [...listeners.endpoints],
    }),
  );
  // Whoever is told "ready" may read service.json next: it stands there for as long as the daemon says so.
  ready = true;
  stack.defer(() => {
    ready = false;
  });
  settings.watch({
    onReload: (reloaded) => {
      model = createModel({ config: reloaded.model, apiKey: environment.apiKey, clock });
      log.level = reloaded.log.level;
      mcp.apply(hidden(reloaded.mcpServers));
      engine.open();
      log.info('configuration reloaded');
    },
    onProblem: (error) => {
      log.warn({ err: error }, 'the configuration was not reloaded');
    },
  });
  // Turns end before the connections close, so that every client hears how.
  stack.defer(() => engine.end());
  stack.use(services.verification);
  engine.open();
  backups.start();
  served = true;
  log.info({ endpoints: listeners.endpoints, version }, 'ready');
  if (withoutAuth) {
    log.warn(
      '--ws-auth none: any program and any user of this machine may command this daemon over TCP, without a token',
    );
  }
  return {
    endpoints: listeners.endpoints,
    notices,
    failed,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

/** How a home and its machine are, whether a daemon runs there or not. Changes nothing; never rejects. */
export async function diagnose(options: {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  /** Ask the endpoint of the model whether it answers. */
  readonly online: boolean;
}): Promise<DoctorReport> {
  // Only what this needs it for loads it.
  const { examine } = await import('./doctor/examine.js');
  const owner = homeId(options.paths.state);
  const processes = (): readonly number[] => listProcesses(owner);
  return examine({
    ...options,
    version: daemonVersion(),
    processes,
    sandbox: () => tryOut(options.env),
  });
}
