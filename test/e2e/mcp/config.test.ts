import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requests } from '@goald/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type GoalRan, runGoal } from '../../helpers/cli/run-goal.js';
import { eventually } from '../../helpers/eventually.js';
import { QUICK, type GoalSetup } from '../../helpers/goal-setup.js';
import { isAlive, ScriptedMcp } from '../../helpers/mcp/scripted.js';
import { says } from '../../helpers/model-server/index.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { mcpGoal, status } from './support/mcp-goal.js';

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const goal = (setup: GoalSetup, ...argv: readonly string[]): Promise<GoalRan> =>
  runGoal(argv, {
    cwd: setup.folder,
    env: { GOALD_HOME: setup.home, PATH: process.env['PATH'] },
  });

it('servers follow the configuration while the daemon runs: the new starts, the old ends, the others stay', async () => {
  const first = new ScriptedMcp(folder.path, 'first');
  const second = new ScriptedMcp(folder.path, 'second');
  const stays = new ScriptedMcp(folder.path, 'stays');
  const kept = await stays.does({ tools: ['echo'] });
  await using setup = await mcpGoal({
    servers: { stays: kept, first: await first.does({ tools: ['echo'] }) },
    script: () => says('nothing'),
  });
  await status(setup, 'first');
  await status(setup, 'stays');
  const config = {
    ...QUICK,
    mcpServers: { stays: kept, second: await second.does({ tools: ['fail'] }) },
  };
  await writeFile(setup.daemon.paths.config, JSON.stringify(config));
  await eventually('the second is there', async () => {
    const { data } = await setup.client.request(requests.mcpServerStatusList, {});
    return data.map(({ name }) => name).join(' ') === 'second stays';
  });
  expect((await status(setup, 'second')).toolNames).toEqual({ fail: 'mcp__second__fail' });
  const [gone = 0] = await first.pids();
  await eventually('the first has ended', async () => !(await isAlive(gone)));
  expect(await stays.pids()).toHaveLength(1);
});

it('goal mcp list shows every server, and goal mcp restart gives one another chance', async () => {
  const server = new ScriptedMcp(folder.path, 'broken');
  const broken = await server.does({ tools: ['echo'], dieAtStart: true });
  await using setup = await mcpGoal({
    servers: { broken, off: { command: 'x', enabled: false } },
    script: () => says('nothing'),
  });
  const before = await goal(setup, 'mcp', 'list');
  expect(before.code).toBe(1);
  expect(before.out).toMatch(/^broken {2}(starting|failed)/m);
  expect(before.out).toContain('it ended (exit code 3); it wrote: no database');
  expect(before.out).toMatch(/^off {2}off$/m);
  await server.does({ tools: ['echo'] });
  const after = await goal(setup, 'mcp', 'restart');
  expect(after.out).toMatch(/^broken {2}connected {2}1 tool, scripted 1\.0\.0$/m);
  expect(after.out).toContain('  mcp__broken__echo');
  expect(after.code).toBe(0);
  const json = await goal(setup, 'mcp', 'list', '--json');
  const [line = ''] = json.out.split('\n');
  expect(JSON.parse(line)).toMatchObject({ name: 'broken', runtimeStatus: 'connected' });
});

it('goal doctor finds programs and tokens that are missing, without starting anything', async () => {
  const server = new ScriptedMcp(folder.path, 's');
  const start = await server.does({ tools: [] });
  await using setup = await mcpGoal({
    servers: {
      good: start,
      absent: { command: 'no-such-program-anywhere' },
      remote: { url: 'http://127.0.0.1:9/mcp', bearerTokenEnvVar: 'NO_SUCH_TOKEN' },
      off: { command: 'also-absent', enabled: false },
    },
    script: () => says('nothing'),
  });
  const { out } = await goal(setup, 'doctor');
  expect(out).toContain('absent: there is no program no-such-program-anywhere');
  expect(out).toContain('remote: the variable NO_SUCH_TOKEN is not set');
  expect(out).not.toContain('also-absent');
  expect(out).not.toMatch(/good: /);
  expect(await server.pids()).toEqual([]);
});

it('no token of a server stands in the log', async () => {
  await using setup = await mcpGoal({
    servers: {
      remote: { url: 'http://127.0.0.1:9/mcp', headers: { 'x-key': 'a-secret-key-of-mine' } },
    },
    script: () => says('nothing'),
  });
  expect((await status(setup, 'remote')).error).not.toBeNull();
  const log = await readFile(join(setup.daemon.paths.logs, 'goald.log'), 'utf8');
  expect(log).toContain('an MCP server is not as it should be');
  expect(log).not.toContain('a-secret-key-of-mine');
});
