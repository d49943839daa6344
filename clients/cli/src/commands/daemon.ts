import type { Command } from 'commander';
import { daemonAnswers, ensureDaemon, readService, stopDaemon } from '@goald/client';
import { homePaths, type ServiceFile } from '@goald/protocol';
import { type App, type GlobalFlags, homeOf } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { formatDuration } from '../output/format.js';
import { type RunCommand } from './shared.js';

interface DaemonFlags {
  readonly json?: true;
}

export function registerDaemon(program: Command, app: App, run: RunCommand): void {
  const daemon = program.command('daemon').summary('start, stop or look at the daemon');
  const add = (
    name: string,
    summary: string,
    work: (app: App, flags: DaemonFlags & GlobalFlags) => Promise<ExitCode>,
  ): void => {
    daemon
      .command(name)
      .summary(summary)
      .option('--json', 'print as JSON')
      .action(async (_flags: unknown, command: Command) => {
        await run(() => work(app, command.optsWithGlobals<DaemonFlags & GlobalFlags>()));
      });
  };
  add('start', 'start it if it does not run', start);
  add('stop', 'stop it; goals go on with the next start', stop);
  add('status', 'whether it runs, and where it listens', status);
}

async function start(app: App, flags: DaemonFlags & GlobalFlags): Promise<ExitCode> {
  const { started } = await ensureDaemon(homeOf(app, flags));
  const service = await readService(homeOf(app, flags));
  await print(app, flags, service, { started }, started ? 'Started' : 'It runs already');
  return EXIT.complete;
}

async function stop(app: App, flags: DaemonFlags & GlobalFlags): Promise<ExitCode> {
  const pid = await stopDaemon(homeOf(app, flags));
  const text =
    pid === null
      ? 'No daemon runs for this home.'
      : `Stopped (process ${String(pid)}). Active goals go on with the next start.`;
  await app.terminal.write(
    flags.json === true ? `${JSON.stringify({ stopped: pid !== null, pid })}\n` : `${text}\n`,
  );
  return EXIT.complete;
}

async function status(app: App, flags: DaemonFlags & GlobalFlags): Promise<ExitCode> {
  const home = homeOf(app, flags);
  if (await daemonAnswers(home)) {
    await print(app, flags, await readService(home), { running: true }, 'Running');
    return EXIT.complete;
  }
  const { socket } = homePaths({ home: home.home, env: app.terminal.env, cwd: app.terminal.cwd });
  if (flags.json === true) await app.terminal.write('{"running":false}\n');
  else await app.terminal.write(`No daemon answers at ${socket}. Start it: goal daemon start\n`);
  return EXIT.unreachable;
}

async function print(
  app: App,
  flags: DaemonFlags,
  service: ServiceFile | null,
  facts: Readonly<Record<string, boolean>>,
  title: string,
): Promise<void> {
  const { terminal } = app;
  if (flags.json === true) {
    await terminal.write(`${JSON.stringify({ ...facts, ...service })}\n`);
    return;
  }
  if (service === null) {
    await terminal.write(`${title}.\n`);
    return;
  }
  const up = formatDuration(Date.now() - service.startedAtMs);
  const endpoints = service.endpoints.map((endpoint) => `  ${endpoint}\n`).join('');
  await terminal.write(
    `${title}: goald ${service.version}, process ${String(service.pid)}, up ${up}\n${endpoints}`,
  );
}
