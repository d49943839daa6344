import {
  DOCTOR_CHECKS,
  type DoctorCheck,
  type DoctorReport,
  type HomePaths,
} from '@goald/protocol';
import { readEnvironment } from '../config/environment.js';
import { configChecks, readConfig } from './config-checks.js';
import { daemonChecks, RunningDaemon } from './daemon-checks.js';
import { databaseChecks } from './database-checks.js';
import type { Check } from './finding.js';
import { homeChecks } from './home-checks.js';
import { machineChecks, type SandboxFacts } from './machine-checks.js';

export interface ExamineOptions {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  /** Of this goald. */
  readonly version: string;
  /** Ask the endpoint of the model whether it answers. */
  readonly online: boolean;
  /** Processes that commands of this home have left, or still run. */
  readonly processes: () => readonly number[];
  /** Tries the sandbox. */
  readonly sandbox: () => Promise<SandboxFacts>;
}

const HOUR_MS = 3_600_000;

/** Looks at a home and its machine without changing anything, whether a daemon runs there or not. Never rejects. */
export async function examine(options: ExamineOptions): Promise<DoctorReport> {
  const { paths, env, version, online } = options;
  const nowMs = Date.now();
  const daemon = new RunningDaemon(paths);
  const isRunning = (): Promise<boolean> => daemon.answers();
  const settings = { path: paths.config, environment: readEnvironment(env), env, online };
  const hours = (await readConfig(settings))?.store.backupEveryHours ?? 0;
  const backupEveryMs = hours === 0 ? null : hours * HOUR_MS;
  const { processes, sandbox } = options;
  const checks = [
    ...machineChecks({
      paths,
      nodeVersion: process.version,
      nowMs,
      path: env['PATH'],
      processes,
      isRunning,
      sandbox,
      sandboxConfig: async () => (await readConfig(settings))?.sandbox ?? null,
    }),
    ...homeChecks(paths),
    ...configChecks(settings),
    ...daemonChecks(daemon, version),
    ...databaseChecks({ paths, nowMs, isRunning, backupEveryMs }),
  ];
  const found = await Promise.all(checks.map((check) => findingOf(check)));
  found.sort((a, b) => DOCTOR_CHECKS.indexOf(a.id) - DOCTOR_CHECKS.indexOf(b.id));
  return { version, home: paths.state, checks: found };
}

async function findingOf(check: Check): Promise<DoctorCheck> {
  try {
    return { id: check.id, ...(await check.run()) };
  } catch (error) {
    const message = `could not be looked at: ${error instanceof Error ? error.message : String(error)}`;
    return { id: check.id, status: 'fail', message, advice: 'Put that right, then look again.' };
  }
}
