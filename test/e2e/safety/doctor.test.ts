import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { doctorReportSchema, requests, type DoctorCheck } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../helpers/daemon/daemon-process.js';
import { goalSetup } from '../../helpers/goal-setup.js';
import { says, startModelServer } from '../../helpers/model-server/index.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { GOAL, runNode } from '../../integration/startup/support.js';

interface Looked {
  readonly code: number | null;
  readonly out: string;
  readonly check: (id: DoctorCheck['id']) => DoctorCheck | undefined;
}

/** In a process of its own, while this one goes on: a model it asks may be here. */
async function doctor(
  home: string,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Looked> {
  const child = spawn(process.execPath, [GOAL, '--home', home, 'doctor', '--json', ...flags], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  await once(child, 'close');
  const code = child.exitCode;
  const report = doctorReportSchema.parse(JSON.parse(out));
  return { code, out, check: (id) => report.checks.find((check) => check.id === id) };
}

/** Every file of a folder with what it holds. */
const contents = (folder: string): [string, string][] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path, readFileSync(path, 'latin1')]);

/** A home whose daemon was stopped cleanly. */
async function stoppedHome(home: string): Promise<void> {
  await using daemon = await startDaemon({ home });
  await daemon.kill('SIGTERM');
}

describe('goal doctor', () => {
  it('says what the sandbox lets through where the configuration has opened it', async () => {
    await using folder = await tempFolder();
    const closed = await doctor(folder.path);
    expect(closed.check('sandbox')?.message).toMatch(/but not its \.git, and see no network, /u);
    const sandbox = { network: true, writableGit: true };
    writeFileSync(join(folder.path, 'config.json'), JSON.stringify({ sandbox }));
    const open = await doctor(folder.path);
    expect(open.check('sandbox')?.message).toMatch(/and its \.git and see the network, but /u);
  });

  it('finds a home in order while its daemon runs, and tells what to do in words', async () => {
    await using setup = await goalSetup({ script: () => says('Nothing.') });
    chmodSync(setup.home, 0o700);
    const { home } = setup;
    const env = { OPENAI_BASE_URL: setup.model.url, PATH: process.env['PATH'] ?? '' };
    const { code, check } = await doctor(home, [], env);
    expect(code).toBe(0);
    expect(check('daemon')?.message).toContain(`runs as process ${String(setup.daemon.pid)}`);
    expect(check('database')).toMatchObject({ status: 'ok', advice: null });
    expect(check('database')?.message).toMatch(/schema \d+, .*whole/);
    expect(check('config')?.status).toBe('ok');
    expect(check('token')?.status).toBe('ok');
    expect(check('node')?.message).toContain(process.version);
    expect(check('backups')?.status).toBe('warn');
    const text = runNode([GOAL, '--home', home, 'doctor'], env);
    expect(text.code).toBe(0);
    expect(text.out).toMatch(/^ok {4}database {3}schema/m);
    expect(text.out).toMatch(/^warn {2}backups .*\n +→ /m);
  });

  it('works without a daemon, and changes nothing', async () => {
    await using folder = await tempFolder();
    const home = join(folder.path, 'h');
    await stoppedHome(home);
    const before = contents(home);
    const { code, check } = await doctor(home);
    expect(code).toBe(0);
    expect(check('daemon')?.message).toContain('goal daemon start');
    expect(check('database')?.status).toBe('ok');
    expect(check('backups')).toMatchObject({ status: 'ok' });
    expect(contents(home)).toEqual(before);
  });

  it('works in a home that was never used, and makes none', async () => {
    await using folder = await tempFolder();
    const home = join(folder.path, 'h');
    expect((await doctor(home)).code).toBe(0);
    expect(statSync(home, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('says of a damaged database what the next start will do, and changes nothing', async () => {
    await using folder = await tempFolder();
    const home = join(folder.path, 'h');
    await stoppedHome(home);
    writeFileSync(join(home, 'goald.db'), 'garbage '.repeat(9999));
    const before = contents(home);
    const damaged = await doctor(home);
    expect(damaged.code).toBe(1);
    expect(damaged.check('database')).toMatchObject({ status: 'fail' });
    expect(damaged.check('database')?.advice).toMatch(/restores the backup of 20/);
    expect(contents(home)).toEqual(before);
    rmSync(join(home, 'backups'), { recursive: true });
    expect((await doctor(home)).check('database')?.advice).toMatch(/no backup.*new store/);
  });

  it('tells for a while of a restore, and so does goal status', async () => {
    await using folder = await tempFolder();
    const home = join(folder.path, 'h');
    await stoppedHome(home);
    writeFileSync(join(home, 'goald.db'), 'garbage '.repeat(9999));
    await using daemon = await startDaemon({ home });
    expect(daemon.exited).toBe(false);
    const { code, check } = await doctor(home);
    expect(code).toBe(0);
    expect(check('database')).toMatchObject({ status: 'warn' });
    expect(check('database')?.message).toContain('The database was damaged');
    for (const flags of [
      ['--home', home],
      ['--endpoint', `unix://${daemon.paths.socket}`],
    ]) {
      const status = runNode([GOAL, ...flags, 'status'], { HOME: folder.path });
      expect(status.code).toBe(0);
      expect(status.err).toContain('The database was damaged');
    }
  });

  it('names line and column of what is wrong in the configuration', async () => {
    await using folder = await tempFolder();
    mkdirSync(folder.path, { recursive: true });
    const config = join(folder.path, 'config.json');
    writeFileSync(config, '{\n  "engine": {\n    "maxConcurrentTurns": 0\n  }\n}\n');
    const wrong = await doctor(folder.path);
    expect(wrong.code).toBe(1);
    expect(wrong.check('config')?.message).toMatch(
      /engine\.maxConcurrentTurns \(line 3, column 27\)/,
    );
    writeFileSync(config, '{\n  "engine": {,\n');
    expect((await doctor(folder.path)).check('config')?.message).toMatch(/line 2, column 14/);
  });

  it('warns of files that others may read', async () => {
    await using folder = await tempFolder();
    const home = join(folder.path, 'h');
    await stoppedHome(home);
    chmodSync(home, 0o755);
    chmodSync(join(home, 'token'), 0o644);
    const { code, check } = await doctor(home);
    expect(code).toBe(1);
    expect(check('home')).toMatchObject({ status: 'warn' });
    expect(check('home')?.advice).toContain('chmod 700');
    expect(check('token')).toMatchObject({ status: 'fail' });
  });

  it('asks the model only with --online, and never prints a key', async () => {
    await using folder = await tempFolder();
    await using model = await startModelServer({ script: () => says('Nothing.') });
    const env = { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'sk-test-very-secret' };
    const offline = await doctor(folder.path, [], env);
    expect(offline.check('model')).toMatchObject({ status: 'ok' });
    expect(offline.check('model')?.message).toContain('--online');
    const online = await doctor(folder.path, ['--online'], env);
    expect(online.check('model')?.message).toMatch(/: it answers$/);
    const gone = await doctor(folder.path, ['--online'], {
      ...env,
      OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
    });
    expect(gone.check('model')).toMatchObject({ status: 'fail' });
    expect(gone.code).toBe(1);
    for (const { out } of [offline, online, gone]) expect(out).not.toContain('very-secret');
    expect((await doctor(folder.path)).check('model')?.advice).toContain('OPENAI_API_KEY');
  });

  it('notices a daemon of another version', async () => {
    await using folder = await tempFolder();
    const home = join(folder.path, 'h');
    await using daemon = await startDaemon({ home });
    const { serviceFile } = daemon.paths;
    const service = readFileSync(serviceFile, 'utf8');
    writeFileSync(serviceFile, service.replace(/"version": "[^"]*"/, '"version": "0.0.1"'));
    expect((await doctor(home)).check('version')).toMatchObject({ status: 'warn' });
    expect((await doctor(home)).check('version')?.message).toContain('0.0.1');
  });

  it('counts the processes of a home whose daemon was killed', async () => {
    await using setup = await goalSetup({
      script: () => ({
        toolCalls: [{ name: 'shell', arguments: { command: 'touch begun; sleep 600' } }],
      }),
    });
    // In a sandbox it would end with the daemon.
    await setup.setGoal({ objective: 'Sleep.', sandbox: 'danger-full-access' });
    await expect
      .poll(
        () => statSync(join(setup.repository, 'begun'), { throwIfNoEntry: false }) !== undefined,
        {
          timeout: 20_000,
        },
      )
      .toBe(true);
    await setup.daemon.kill('SIGKILL');
    const { check } = await doctor(setup.home);
    // Elsewhere the system does not tell.
    if (process.platform === 'linux') {
      expect(check('processes')).toMatchObject({ status: 'warn' });
      expect(check('processes')?.advice).toContain('goal daemon start');
    }
    await setup.restart();
    await setup.client.request(requests.threadGoalPause, { threadId: setup.threadId });
    expect((await doctor(setup.home)).check('daemon')?.message).toContain('runs');
  });
});
