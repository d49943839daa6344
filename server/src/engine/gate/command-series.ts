import type { Config, VerificationCommand, VerificationResult } from '@goald/protocol';
import { join } from 'node:path';
import type { Clock } from '../ports/clock.js';
import type { Confinement } from '../ports/confinement.js';
import type { CommandRunner } from '../ports/commands.js';
import type { Failpoints } from '../ports/failpoints.js';
import type { Workspace } from '../ports/workspace.js';
import { digestOf } from './verification-digest.js';

export interface CommandSeriesOptions {
  readonly workspace: Workspace;
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly config: () => Config;
  readonly failpoint: Failpoints;
}

export interface Series {
  readonly runId: string;
  readonly cwd: string;
  readonly treeId: string;
  /** Of the goal that is verified. */
  readonly confinement: Confinement;
  readonly commands: readonly VerificationCommand[];
  readonly signal: AbortSignal;
  /** Absolute folder for the logs. */
  readonly logDir: string;
}

/** Runs the commands of one verification, one after the other, each in processes of its own that do not outlive it. */
export class CommandSeries {
  readonly #options: CommandSeriesOptions;

  constructor(options: CommandSeriesOptions) {
    this.#options = options;
  }

  /**
   * Adds a result for each command to `results`, also when it rejects. A command that failed is tried again as often as it may, on
   * the same tree: when that has changed, the series ends there. Throws the signal's reason.
   */
  async run(series: Series, results: VerificationResult[]): Promise<void> {
    const { clock, config, failpoint } = this.#options;
    const deadlineMs = clock.now() + config().verification.gateSeconds * 1000;
    for (const [index, command] of series.commands.entries()) {
      const isSameTree = await this.#tries(series, command, { index, deadlineMs, results });
      failpoint('gate.commandDone');
      if (!isSameTree) return;
    }
  }

  /** False when the tree changed between two tries. */
  async #tries(
    series: Series,
    command: VerificationCommand,
    place: { index: number; deadlineMs: number; results: VerificationResult[] },
  ): Promise<boolean> {
    const { workspace, clock, failpoint } = this.#options;
    const { index, deadlineMs, results } = place;
    for (let attempt = 1; ; attempt += 1) {
      const leftMs = deadlineMs - clock.now();
      if (leftMs <= 0) {
        if (attempt === 1) results.push(this.#notRun(command));
        return true;
      }
      const result = await this.#once(series, command, { index, attempt, leftMs });
      const passed = result.exitCode === 0;
      if (attempt > 1) results.pop();
      results.push({ ...result, attempts: attempt, flaky: passed && attempt > 1 });
      series.signal.throwIfAborted();
      if (passed || attempt > (command.retries ?? 0)) return true;
      failpoint('gate.beforeRetry');
      if ((await workspace.treeId(series.cwd)) !== series.treeId) return false;
    }
  }

  async #once(
    series: Series,
    command: VerificationCommand,
    at: { index: number; attempt: number; leftMs: number },
  ): Promise<VerificationResult> {
    const { config } = this.#options;
    const { maxVerificationTimeoutSeconds: most } = config().limits;
    const path = join(series.logDir, logName(command.name, at));
    // A tag of its own: what the command leaves running is found by it, and nothing else of the turn is.
    const tag = `${series.runId}.${String(at.index)}.${String(at.attempt)}`;
    const request = {
      command: command.command,
      cwd: series.cwd,
      turnId: tag,
      confinement: series.confinement,
      timeoutMs: Math.min(Math.min(command.timeoutSeconds, most) * 1000, at.leftMs),
      signal: series.signal,
      outputFile: path,
      maxFileBytes: config().verification.logBytes,
    };
    const { result, left } = await this.#ended(request);
    return {
      name: command.name,
      command: command.command,
      exitCode: result.timedOut || result.aborted ? null : result.exitCode,
      signal: result.timedOut || result.aborted ? null : result.signal,
      timedOut: result.timedOut,
      durationMs: result.durationMs,
      digest: digestOf(result.output),
      leftProcesses: left,
      log:
        result.fileBytes === null
          ? null
          : { path, bytes: result.fileBytes, truncated: result.fileTruncated },
    };
  }

  /** Runs a command and ends what it left behind, also when it was stopped. */
  async #ended(request: Parameters<CommandRunner['run']>[0]) {
    const { commands } = this.#options;
    const result = await commands.run(request);
    const { found } = await commands.killTurn(request.turnId);
    // After a timeout or a stop everything is ended anyway: nothing was left behind by the command's own doing.
    return { result, left: result.timedOut || result.aborted ? 0 : found.length };
  }

  #notRun(command: VerificationCommand): VerificationResult {
    const seconds = String(this.#options.config().verification.gateSeconds);
    return {
      name: command.name,
      command: command.command,
      exitCode: null,
      signal: null,
      timedOut: true,
      durationMs: 0,
      digest: `Not run: the commands together may take ${seconds} seconds (verification.gateSeconds), and the ones before it took them.`,
      attempts: 0,
      flaky: false,
      leftProcesses: 0,
      log: null,
    };
  }
}

function logName(name: string, { index, attempt }: { index: number; attempt: number }): string {
  const slug = name.replaceAll(/[^\w-]+/g, '-').slice(0, 40);
  const retry = attempt === 1 ? '' : `.try${String(attempt)}`;
  return `${String(index + 1)}-${slug}${retry}.log`;
}
