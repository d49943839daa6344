import type { Command } from 'commander';
import { askDaemonProgram } from '@goald/client';
import { type DoctorCheck, type DoctorReport, doctorReportSchema } from '@goald/protocol';
import { type App, type GlobalFlags, homeOf } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { doctorText } from '../output/doctor-text.js';
import { CLI_VERSION } from '../version.js';
import { type RunCommand } from './shared.js';

interface DoctorFlags {
  readonly json?: true;
  readonly online?: true;
}

const TIMEOUT_MS = 120_000;

export function registerDoctor(program: Command, app: App, run: RunCommand): void {
  program
    .command('doctor')
    .summary('whether this home and machine are in order, and what to do if not')
    .option('--online', 'also ask the endpoint of the model')
    .option('--json', 'print as JSON')
    .action(async (_flags: unknown, command: Command) => {
      await run(() => doctor(app, command.optsWithGlobals<DoctorFlags & GlobalFlags>()));
    });
}

async function doctor(app: App, flags: DoctorFlags & GlobalFlags): Promise<ExitCode> {
  const { terminal } = app;
  const report = await examine(app, flags);
  await terminal.write(
    flags.json === true ? `${JSON.stringify(report)}\n` : doctorText(report, terminal.paint),
  );
  return report.checks.some((check) => check.status === 'fail') ? EXIT.failure : EXIT.complete;
}

/** The daemon's own program looks: it knows its files, and needs no daemon that runs. */
async function examine(app: App, flags: DoctorFlags & GlobalFlags): Promise<DoctorReport> {
  const args = ['--doctor', ...(flags.online === true ? ['--online'] : [])];
  const ran = await askDaemonProgram(args, { ...homeOf(app, flags), timeoutMs: TIMEOUT_MS });
  const report = readReport(ran.stdout);
  if (report !== null) return { ...report, checks: report.checks.map(withOwnVersion(report)) };
  const why = ran.stderr.trim().split('\n').slice(-5).join('\n') || 'it said nothing';
  return {
    version: 'unknown',
    home: flags.home ?? '',
    checks: [
      {
        id: 'daemon',
        status: 'fail',
        message: `the program of the daemon cannot be run: ${why}`,
        advice:
          'Install goald again, with the Node that runs it now; from its sources: npm run build.',
      },
    ],
  };
}

function readReport(text: string): DoctorReport | null {
  try {
    const read = doctorReportSchema.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

function withOwnVersion(report: DoctorReport): (check: DoctorCheck) => DoctorCheck {
  return (check) =>
    check.id !== 'version' || report.version === CLI_VERSION
      ? check
      : {
          id: 'version',
          status: 'warn',
          message: `${check.message}, goal ${CLI_VERSION}`,
          advice: 'Install goal and goald of the same version, then restart the daemon.',
        };
}
