import { parseArgs } from 'node:util';
import { homePaths, type HomePaths } from '@goald/protocol';
import {
  create,
  diagnose,
  HomeLockedError,
  HomeUnusableError,
  StoreUnavailableError,
} from './daemon.js';
import { ensureDetachedDaemon } from './host/detached-daemon.js';
import { closeInherited } from './host/inherited-files.js';
import { ListenAddressError, planListening } from './transport/listen-address.js';
import { forwardStdio } from './transport/stdio-forwarder.js';
import { daemonVersion } from './host/version.js';

const HELP = `goald: owns coding goals and keeps an agent working on them.

Usage: goald [--home DIR] [--listen ADDRESS]... [--ws-auth token|none]

  --home DIR        keep everything in one folder (default: GOALD_HOME, else XDG folders)
  --listen ADDRESS  repeatable; default unix://
                      unix://          the home's own socket
                      unix://PATH      a socket of your choice
                      ws://HOST:PORT   WebSocket; port 0 takes any free one
                      stdio://         pass messages through to the home's daemon, starting it if need be
                      off              listen nowhere
  --ws-auth none    ask TCP clients for no token (loopback only)
  --doctor          look at the home and the machine and print what is found as JSON; exit code 1 when
                    something is to be put right. goal doctor shows it to people
  --online          with --doctor: also ask the endpoint of the model
  --version, --help

Exit codes: 0 stopped as asked, 1 could not start, 2 usage, 3 another goald has this home,
            4 the home or its database cannot be used.
`;

const EXIT = { ok: 0, failed: 1, usage: 2, homeTaken: 3, homeUnusable: 4 } as const;
type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What the program is given by its process. */
interface ProgramInput {
  /** Without the program's own name. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Runs `goald` until it is told to stop, and answers its exit code. Writes what went wrong to stderr; never rejects. */
export async function runGoald(input: ProgramInput): Promise<ExitCode> {
  try {
    return await run(input);
  } catch (error) {
    process.stderr.write(`goald: ${error instanceof Error ? error.message : String(error)}\n`);
    return exitCodeOf(error);
  }
}

async function run({ args, env }: ProgramInput): Promise<ExitCode> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      home: { type: 'string' },
      listen: { type: 'string', multiple: true },
      'ws-auth': { type: 'string', default: 'token' },
      doctor: { type: 'boolean', default: false },
      online: { type: 'boolean', default: false },
      version: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return print(HELP);
  if (values.version) return print(`goald ${daemonVersion()}\n`);
  const auth = values['ws-auth'];
  if (auth !== 'token' && auth !== 'none')
    throw new TypeError(`--ws-auth is token or none, not ${auth}.`);
  const cwd = process.cwd();
  const paths = homePaths({ home: values.home, env, cwd });
  if (values.doctor) return doctor(paths, env, values.online);
  const plan = planListening(values.listen ?? [], { cwd, defaultSocket: paths.socket });
  if (plan.mode === 'forward') return forward(paths, values.home, env);
  closeInherited(env);
  const daemon = await create({
    paths,
    listen: plan.addresses,
    withoutAuth: auth === 'none',
    env,
    cwd: env['HOME'] ?? cwd,
  });
  // Whoever reads that it is ready may stop it at once, and in order.
  const stopped = stopSignal();
  for (const notice of daemon.notices) process.stderr.write(`goald: ${notice}\n`);
  process.stderr.write(`goald ready: ${daemon.endpoints.join(' ') || 'listening nowhere'}\n`);
  const failure = await Promise.race([stopped, daemon.failed]);
  await daemon[Symbol.asyncDispose]();
  if (failure !== undefined) throw failure;
  return EXIT.ok;
}

async function doctor(
  paths: HomePaths,
  env: NodeJS.ProcessEnv,
  online: boolean,
): Promise<ExitCode> {
  const report = await diagnose({ paths, env, online });
  print(`${JSON.stringify(report)}\n`);
  return report.checks.some((check) => check.status === 'fail') ? EXIT.failed : EXIT.ok;
}

function print(text: string): ExitCode {
  process.stdout.write(text);
  return EXIT.ok;
}

async function forward(
  paths: HomePaths,
  home: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  const abort = new AbortController();
  process.once('SIGTERM', () => {
    abort.abort();
  });
  await forwardStdio({
    socketPath: paths.socket,
    ensureDaemon: () => ensureDetachedDaemon({ paths, home, env }),
    input: process.stdin,
    output: process.stdout,
    signal: abort.signal,
  });
  process.stdin.destroy();
  return EXIT.ok;
}

/** The first SIGTERM or SIGINT drains; a second one ends the process at once. */
async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    let asked = false;
    const onSignal = (): void => {
      if (asked) process.kill(process.pid, 'SIGKILL');
      asked = true;
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof HomeLockedError) return EXIT.homeTaken;
  if (error instanceof HomeUnusableError || error instanceof StoreUnavailableError) {
    return EXIT.homeUnusable;
  }
  return error instanceof TypeError || error instanceof ListenAddressError
    ? EXIT.usage
    : EXIT.failed;
}
