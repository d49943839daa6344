import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { homePaths, notifications, requests } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../helpers/daemon/daemon-process.js';
import { eventually } from '../../helpers/eventually.js';
import { makeRepository } from '../../helpers/git-repository.js';
import { goalSetup } from '../../helpers/goal-setup.js';
import { byProgress, says, startModelServer } from '../../helpers/model-server/index.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { CLAIM, Latch, runs } from './support/scripts.js';

const MAIN = fileURLToPath(new URL('../../../server/dist/main.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs goald to its end. */
function goald(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' }, timeout: 15_000 },
      (_error, out, err) => {
        resolve({ code: child.exitCode, out, err });
      },
    );
  });
}

describe('the command line of goald', () => {
  it('says its version and how it is used', async () => {
    const version = await goald('--version');
    expect(version).toMatchObject({ code: 0, err: '' });
    expect(version.out).toMatch(/^goald \d+\.\d+\.\d+\S*\n$/);
    const help = await goald('--help');
    expect(help).toMatchObject({ code: 0, err: '' });
    for (const flag of ['--home', '--listen', '--ws-auth', 'stdio://', 'Exit codes']) {
      expect(help.out).toContain(flag);
    }
  });

  it.each([
    ['an unknown flag', ['--frobnicate'], /--frobnicate/],
    ['an argument', ['start'], /start/],
    ['a strange address', ['--listen', 'http://x'], /http:\/\/x/],
    ['a port that is none', ['--listen', 'ws://127.0.0.1:99999'], /99999/],
    ['stdio beside others', ['--listen', 'stdio://', '--listen', 'unix://'], /stdio/],
    ['a strange --ws-auth', ['--ws-auth', 'maybe'], /maybe/],
    ['a flag without its value', ['--listen'], /--listen/],
  ])('refuses %s with exit code 2, in one line that helps', async (_name, flags, says_) => {
    await using folder = await tempFolder();
    const ended = await goald('--home', folder.path, ...flags);
    expect(ended.code).toBe(2);
    expect(ended.out).toBe('');
    expect(ended.err).toMatch(says_);
    expect(ended.err).not.toMatch(/\n\s+at /);
  });

  it('refuses TCP without a token beyond loopback', async () => {
    await using folder = await tempFolder();
    const ended = await goald(
      '--home',
      folder.path,
      '--listen',
      'ws://0.0.0.0:0',
      '--ws-auth',
      'none',
    );
    expect(ended.code).not.toBe(0);
    expect(ended.err).toMatch(/loopback|token|auth/i);
  });

  it('says what is wrong with the configuration and starts nothing', async () => {
    await using folder = await tempFolder();
    await makeRepository(folder.path, {
      'config.json': '{"engine": {"maxConcurrentTurns": "many"}}',
    });
    const ended = await goald('--home', folder.path, '--listen', 'off');
    expect(ended.code).toBe(1);
    expect(ended.err).toContain('maxConcurrentTurns');
    expect(ended.err).toContain('config.json');
  });
});

describe('a second daemon on a home', () => {
  it('exits with code 3 and leaves the first alone', async () => {
    await using setup = await goalSetup({ script: byProgress(runs('echo 1 >> a.txt'), CLAIM) });
    const before = await readFile(setup.daemon.paths.serviceFile, 'utf8');
    const second = await goald('--home', setup.home, '--listen', 'unix://');
    expect(second.code).toBe(3);
    expect(second.err).toMatch(/another|already|running/i);
    expect(await readFile(setup.daemon.paths.serviceFile, 'utf8')).toBe(before);
    await using unix = await RpcClient.connect(`unix://${setup.daemon.paths.socket}`);
    await setup.setGoal({ objective: 'Still there?' });
    expect((await setup.stopped()).status).toBe('complete');
    expect((await unix.request(requests.goalList, {})).data).toHaveLength(1);
  });
});

describe('SIGTERM', () => {
  it('drains: the turn ends as interrupted, clients hear it, and the goal goes on after a start', async () => {
    await using setup = await goalSetup({ script: () => runs('sleep 100') });
    await setup.setGoal({ objective: 'Sleep.' });
    const { turn } = await setup.client.until(notifications.turnStarted);
    await setup.client.until(
      notifications.itemStarted,
      ({ item }) => item.type === 'commandExecution',
    );
    await setup.daemon.kill('SIGTERM');
    expect(await setup.daemon.ended()).toEqual({ code: 0, signal: null });
    const [ended] = setup.client.all(notifications.turnCompleted);
    expect(ended?.turn).toMatchObject({ id: turn.id, status: 'interrupted' });
    setup.model.setScript(() => CLAIM);
    await setup.restart();
    expect((await setup.stopped()).status).toBe('complete');
    await eventually('the turn after the start is completed', async () => {
      const { data } = await setup.client.request(requests.threadTurnsList, {
        threadId: setup.threadId,
      });
      return data.map(({ status }) => status).join() === 'completed,interrupted';
    });
  });

  it('sent twice ends the daemon at once, and nothing is lost', async () => {
    await using setup = await goalSetup({
      script: () => runs("trap '' TERM; touch deaf; while :; do sleep 0.1; done"),
      config: { engine: { stopGraceMs: 10_000 } },
    });
    await setup.setGoal({ objective: 'Sleep.' });
    await eventually('it is deaf', () => existsSync(join(setup.repository, 'deaf')));
    // Signals that come too close count as one, so they are sent until it ends: draining would take 10 s.
    await eventually(
      'the daemon ended',
      () => {
        if (!setup.daemon.exited) void setup.daemon.kill('SIGTERM');
        return setup.daemon.exited;
      },
      5000,
    );
    setup.model.setScript(() => CLAIM);
    await setup.restart();
    expect((await setup.stopped()).status).toBe('complete');
  });
});

/** A client on the standard streams of `goald --listen stdio://`. */
class StdioClient {
  readonly received: Record<string, unknown>[] = [];
  readonly child: ChildProcess;

  constructor(home: string, env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [MAIN, '--home', home, '--listen', 'stdio://'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env },
    });
    const { stdout } = this.child;
    if (stdout === null) throw new Error('no stdout');
    createInterface({ input: stdout }).on('line', (line) => {
      this.received.push(JSON.parse(line) as Record<string, unknown>);
    });
  }

  async request(id: string, method: string, params: object): Promise<Record<string, unknown>> {
    this.write(JSON.stringify({ id, method, params }));
    const answer = await eventually(method, () => this.received.find((line) => line['id'] === id));
    if (answer['error'] !== undefined) throw new Error(JSON.stringify(answer['error']));
    return answer['result'] as Record<string, unknown>;
  }

  write(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }
}

describe('goald --listen stdio://', () => {
  it('starts the daemon, passes lines through, and when it dies the goal goes on', async () => {
    await using folder = await tempFolder();
    const home = `${folder.path}/h`;
    const repository = await makeRepository(`${folder.path}/repo`, { 'a.txt': 'one\n' });
    const latch = new Latch();
    await using model = await startModelServer({
      script: byProgress(runs('echo 1 >> a.txt'), () => latch.thenReply(says('So far.')), CLAIM),
    });
    const client = new StdioClient(home, {
      OPENAI_BASE_URL: model.url,
      OPENAI_API_KEY: 'sk-test',
    });
    const paths = homePaths({ home, env: {}, cwd: '/' });
    let pid = -1;
    try {
      const clientInfo = { name: 'ide', version: '1' };
      const initialized = await client.request('i', requests.initialize.method, { clientInfo });
      expect(initialized).toMatchObject({ codexHome: home, serverInfo: { name: 'goald' } });
      client.write(JSON.stringify({ method: notifications.initialized.method }));
      ({ pid } = JSON.parse(await readFile(paths.serviceFile, 'utf8')) as { pid: number });
      expect(pid).not.toBe(client.child.pid);

      client.write('this is no json');
      await eventually('a parse error', () =>
        client.received.find(
          (line) => line['id'] === null && JSON.stringify(line['error']).includes('-32700'),
        ),
      );
      const started = await client.request('t', requests.threadStart.method, { cwd: repository });
      const threadId = (started['thread'] as { id: string }).id;
      await client.request('g', requests.threadGoalSet.method, { threadId, objective: 'Go on.' });
      await eventually('the second request is out', () => model.requests.length === 2);
      await eventually('an item has come through', () =>
        client.received.some((line) => line['method'] === notifications.itemCompleted.method),
      );

      client.child.kill('SIGKILL');
      await once(client.child, 'exit');
      latch.open();
      await using later = await RpcClient.connect(`unix://${paths.socket}`);
      const { goal } = await later.request(requests.goalWait, { threadId, timeoutMs: 15_000 });
      expect(goal).toMatchObject({ status: 'complete', turnsUsed: 2 });
    } finally {
      client.child.kill('SIGKILL');
      if (pid > 0) process.kill(pid, 'SIGKILL');
    }
  });

  it('joins the daemon that runs, and ends with its input', async () => {
    await using folder = await tempFolder();
    await using daemon = await startDaemon({ home: `${folder.path}/h`, listen: ['unix://'] });
    const client = new StdioClient(daemon.paths.state, {});
    const clientInfo = { name: 'ide', version: '1' };
    await client.request('i', requests.initialize.method, { clientInfo });
    client.write(JSON.stringify({ method: notifications.initialized.method }));
    await client.request('l', requests.threadList.method, {});
    client.child.stdin?.end();
    const [code] = (await once(client.child, 'exit')) as [number];
    expect(code).toBe(0);
    expect(daemon.exited).toBe(false);
    const service = JSON.parse(await readFile(daemon.paths.serviceFile, 'utf8')) as { pid: number };
    expect(service.pid).toBe(daemon.pid);
  });
});
