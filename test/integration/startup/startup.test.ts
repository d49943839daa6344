import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
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
  const small = join(GOAL, '../bundle/status.cjs');
  expect(files.filter((name) => name !== GOAL)).toEqual([small, small]);
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
