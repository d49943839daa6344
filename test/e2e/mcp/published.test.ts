import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { notifications, requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { byProgress, calls, says, toolCall } from '../../helpers/model-server/index.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { CLAIM } from '../api/support/scripts.js';
import { mcpGoal, mcpItems, status } from './support/mcp-goal.js';

// Servers as their makers publish them, driven by a goal.

const require = createRequire(import.meta.url);

const programOf = (manifest: string): string => join(dirname(manifest), 'dist/index.js');
const EVERYTHING = programOf(
  require.resolve('@modelcontextprotocol/server-everything/package.json'),
);
const MEMORY = programOf(require.resolve('@modelcontextprotocol/server-memory/package.json'));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** server-everything over streamable HTTP. */
async function everythingOverHttp(): Promise<AsyncDisposable & { url: string }> {
  const port = await freePort();
  const child: ChildProcess = spawn(process.execPath, [EVERYTHING, 'streamableHttp'], {
    env: { ...process.env, PORT: String(port) },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${String(port)}/mcp`;
  await eventually('the server listens', () =>
    fetch(url, { method: 'GET' }).then(
      () => true,
      () => false,
    ),
  );
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

it('two published servers, one a program and one over HTTP, do what a goal asks of them', async () => {
  await using folder = await tempFolder();
  await using http = await everythingOverHttp();
  // In the goal's own folder, because its verification sees no other.
  const repository = join(folder.path, 'repo');
  const graph = join(repository, 'graph.jsonl');
  const entity = { name: 'goald', entityType: 'daemon', observations: ['owns goals'] };
  let read: readonly string[] = [];
  await using setup = await mcpGoal({
    repository,
    servers: {
      memory: {
        command: process.execPath,
        args: [MEMORY],
        env: { MEMORY_FILE_PATH: graph },
        disabledTools: ['delete_entities'],
      },
      everything: { url: http.url },
    },
    script: byProgress(
      calls(
        toolCall('mcp__everything__echo', { message: 'over HTTP' }),
        toolCall('mcp__everything__get-sum', { a: 2, b: 40 }),
        toolCall('mcp__everything__get-tiny-image', {}),
        toolCall('mcp__everything__trigger-long-running-operation', { duration: 1, steps: 4 }),
        toolCall('mcp__memory__create_entities', { entities: [entity] }),
        toolCall('mcp__memory__search_nodes', { query: 'goals' }),
        toolCall('mcp__memory__delete_entities', { entityNames: ['goald'] }),
      ),
      (request) => {
        read = request.lastToolOutputs;
        return CLAIM;
      },
    ),
  });
  await setup.setGoal({
    objective: 'Use the servers.',
    verification: [{ name: 'stored', command: `grep -q 'owns goals' '${graph}'` }],
  });
  const goal = await setup.stopped();
  expect(goal).toMatchObject({ status: 'complete', verified: true });
  const [echo, sum, image, long, created, found, refused] = read;
  expect(echo).toBe('Echo: over HTTP');
  expect(sum).toContain('42');
  expect(image).toContain('[image, image/png');
  expect(long).toContain('completed');
  expect(created).toContain('owns goals');
  expect(found).toContain('goald');
  expect(refused).toContain('There is no tool named "mcp__memory__delete_entities"');
  expect(await readFile(graph, 'utf8')).toContain('owns goals');
  const items = mcpItems(setup);
  expect(items.map(({ server, tool, status: how }) => `${server} ${tool} ${how}`)).toEqual([
    'everything echo completed',
    'everything get-sum completed',
    'everything get-tiny-image completed',
    'everything trigger-long-running-operation completed',
    'memory create_entities completed',
    'memory search_nodes completed',
  ]);
  const progress = setup.client.all(notifications.mcpToolCallProgress);
  expect(new Set(progress.map(({ itemId }) => itemId))).toEqual(new Set([items[3]?.id]));
  expect(await status(setup, 'everything')).toMatchObject({
    runtimeStatus: 'connected',
    httpOrigin: new URL(http.url).origin,
    serverInfo: { name: 'mcp-servers/everything' },
    toolsError: null,
  });
});

it('a published server over standard input shows its tools, resources and templates', async () => {
  await using setup = await mcpGoal({
    servers: { everything: { command: process.execPath, args: [EVERYTHING] } },
    script: () => says('nothing'),
  });
  const { data, nextCursor } = await setup.client.request(requests.mcpServerStatusList, {});
  expect(nextCursor).toBeNull();
  const [everything] = data;
  expect(everything).toMatchObject({ name: 'everything', runtimeStatus: 'connected' });
  expect(everything?.tools['echo']).toMatchObject({ inputSchema: { type: 'object' } });
  expect(everything?.toolNames['get-sum']).toBe('mcp__everything__get-sum');
  expect(everything?.resources.length).toBeGreaterThan(0);
  expect(everything?.resourceTemplates.length).toBeGreaterThan(0);
  const short = await setup.client.request(requests.mcpServerStatusList, {
    detail: 'toolsAndAuthOnly',
  });
  expect(short.data[0]).toMatchObject({ resources: [], resourceTemplates: [] });
  await setup.client.request(requests.configMcpServerReload, {});
  expect((await status(setup, 'everything')).runtimeStatus).toBe('connected');
});

it('a server that goes away over HTTP is found again when it is back', async () => {
  let http = await everythingOverHttp();
  const { url } = http;
  let read: readonly string[] = [];
  await using setup = await mcpGoal({
    servers: { everything: { url } },
    script: byProgress(
      calls(toolCall('mcp__everything__echo', { message: '1' })),
      async () => {
        await http[Symbol.asyncDispose]();
        return calls(toolCall('mcp__everything__echo', { message: '2' }));
      },
      (request) => {
        read = request.lastToolOutputs;
        return says('gone');
      },
    ),
  });
  await setup.setGoal({ objective: 'Go on.' });
  await eventually('the second call is answered', () => read.length > 0);
  expect(read[0]).toContain('The MCP server everything went away while the call ran');
  await setup.client.request(requests.threadGoalPause, { threadId: setup.threadId });
  const port = new URL(url).port;
  const child = spawn(process.execPath, [EVERYTHING, 'streamableHttp'], {
    env: { ...process.env, PORT: port },
    stdio: 'ignore',
  });
  http = {
    url,
    [Symbol.asyncDispose]: () => {
      child.kill('SIGKILL');
      return Promise.resolve();
    },
  };
  await using _ = http;
  await eventually('it is connected again', async () => {
    const { runtimeStatus } = await status(setup, 'everything');
    return runtimeStatus === 'connected';
  });
});
