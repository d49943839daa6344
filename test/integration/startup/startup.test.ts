import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { startDaemon } from '../../helpers/daemon/daemon-process.js';
import { eventually } from '../../helpers/eventually.js';
import { goalSetup } from '../../helpers/goal-setup.js';
import { says } from '../../helpers/model-server/index.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { GOAL, GOALD, requireRecorder, runNode, serverWithoutBundle } from './support.js';

const HEAVY = /openai|isomorphic-git|gpt-tokenizer/;

it('the daemon is bundled, and starts without what only goals need', async () => {
  await using folder = await tempFolder();
  const recorder = requireRecorder(folder.path);
  await using daemon = await startDaemon({
    home: join(folder.path, 'h'),
    env: { NODE_OPTIONS: `--require ${recorder.script}` },
  });
  await eventually('the configuration is watched', () =>
    recorder.loaded().includes('./chokidar.cjs'),
  );
  const packages = recorder.loaded().filter((name) => !name.startsWith('node:'));
  expect(packages.filter((name) => HEAVY.test(name))).toEqual([]);
  // Everything else is in the bundle: neither zod nor ws nor kysely is looked for.
  expect(packages.filter((name) => /^(zod|ws|kysely|pino|better-sqlite3)$/.test(name))).toEqual([]);
  await using client = await RpcClient.connect(daemon.wsUrl, await daemon.token());
  await client.request(requests.threadStart, { cwd: join(GOALD, '../..') });
  expect(recorder.loaded()).toContain('./isomorphic-git.cjs');
});

it('a configuration written the moment the daemon is ready is followed', async () => {
  await using folder = await tempFolder();
  await using daemon = await startDaemon({ home: join(folder.path, 'h') });
  writeFileSync(daemon.paths.config, JSON.stringify({ model: { name: 'another-model' } }));
  await using client = await RpcClient.connect(daemon.wsUrl, await daemon.token());
  await eventually('the new model is used', async () => {
    const { model } = await client.request(requests.threadStart, { cwd: folder.path });
    return model === 'another-model';
  });
});

it('without a bundle goald runs from its modules', async () => {
  await using folder = await tempFolder();
  const dist = serverWithoutBundle(folder.path);
  const { code, out } = runNode([join(dist, 'goald.cjs'), '--version']);
  expect(code).toBe(0);
  expect(out).toMatch(/^goald \d+\.\d+/);
});

it('a bundle older than the compiled modules is not used, a newer one is', async () => {
  await using folder = await tempFolder();
  const dist = serverWithoutBundle(folder.path);
  const bundle = join(dist, 'bundle', 'goald.cjs');
  mkdirSync(join(dist, 'bundle'));
  writeFileSync(bundle, '(function (exports) { exports.runGoald = () => Promise.resolve(77); })');
  expect(runNode([join(dist, 'goald.cjs'), '--version']).code).toBe(77);
  utimesSync(bundle, 0, 0);
  expect(runNode([join(dist, 'goald.cjs'), '--version']).code).toBe(0);
});

it('goal status needs nothing but Node and one small file, and says what the full program says', async () => {
  await using setup = await goalSetup({ script: () => says('Nothing.') });
  await setup.setGoal({ objective: 'Größe “x” → y\nshall be true 🎉 '.repeat(8), maxTurns: 1 });
  await setup.stopped();
  await using folder = await tempFolder();
  const recorder = requireRecorder(folder.path);
  const home = setup.daemon.paths.state;
  const full = ['--endpoint', `unix://${setup.daemon.paths.socket}`];
  for (const more of [[], ['--json']]) {
    const quick = runNode(['--require', recorder.script, GOAL, '--home', home, 'status', ...more]);
    const whole = runNode([GOAL, ...full, 'status', ...more], { HOME: folder.path });
    expect(quick).toEqual(whole);
    expect(quick.code).toBe(0);
  }
  const files = recorder.loaded().filter((name) => !name.startsWith('node:'));
  expect(files.filter((name) => name !== GOAL)).toEqual([]);
});

it('goal status of many goals shows this folder’s and what is active, and keeps V8’s code for the next time', async () => {
  await using folder = await tempFolder();
  const [here, home] = [join(folder.path, 'here'), join(folder.path, 'h')];
  mkdirSync(here);
  await using daemon = await startDaemon({ home });
  await using client = await RpcClient.connect(daemon.wsUrl, await daemon.token());
  const goalIn = async (cwd: string, objective: string): Promise<void> => {
    const { thread } = await client.request(requests.threadStart, { cwd });
    await client.request(requests.threadGoalSet, {
      threadId: thread.id,
      objective,
      status: 'paused',
    });
  };
  await goalIn(here, 'The oldest of all.');
  for (let n = 0; n < 55; n += 1) await goalIn(folder.path, `Elsewhere ${String(n)}.`);
  const status = runNode([GOAL, '--home', home, '--json'], {}, here);
  const { here: ours, elsewhere } = JSON.parse(status.out) as Record<
    string,
    { objective: string }[]
  >;
  expect(ours?.map(({ objective }) => objective)).toEqual(['The oldest of all.']);
  expect(elsewhere?.map(({ objective }) => objective)).toEqual(
    [54, 53, 52, 51, 50].map((n) => `Elsewhere ${String(n)}.`),
  );
  const kept = readdirSync(join(GOAL, '../bundle')).filter((name) =>
    /^status\.cjs-.*\.code$/.test(name),
  );
  expect(kept).not.toEqual([]);
});

it('goal status goes on when what reads it stops reading', async () => {
  await using setup = await goalSetup({ script: () => says('Nothing.') });
  const home = setup.daemon.paths.state;
  const { status, stderr } = spawnSync(
    'bash',
    [
      '-c',
      `"$0" "$1" --home "$2" status | true; exit "\${PIPESTATUS[0]}"`,
      process.execPath,
      GOAL,
      home,
    ],
    { encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
});

it('goal status without a daemon, and with flags it does not know, is left to the full program', async () => {
  await using folder = await tempFolder();
  const none = runNode([GOAL, '--home', folder.path]);
  expect(none.code).toBe(5);
  expect(none.err).toContain('goal daemon start');
  expect(runNode([GOAL, '--help']).out).toContain('Exit codes');
  expect(runNode([GOAL, 'status', '--nonsense']).code).toBe(2);
  expect(existsSync(join(folder.path, 'goald.sock'))).toBe(false);
});
