import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { methods, type McpServer } from '@agentclientprotocol/sdk';
import { requests } from '@goald/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AcpEditor } from '../../helpers/acp/acp-editor.js';
import { eventually } from '../../helpers/eventually.js';
import { goalSetup, QUICK } from '../../helpers/goal-setup.js';
import { isAlive, ScriptedMcp } from '../../helpers/mcp/scripted.js';
import {
  byProgress,
  calls,
  says,
  type ScriptedReply,
  type ScriptedRequest,
  toolCall,
} from '../../helpers/model-server/index.js';
import { CLAIM, steps } from '../../helpers/waiting.js';
import { AcpWorld, FREE } from './support/acp-world.js';

// The servers of an editor, over the protocol's own client.

const { session } = methods.agent;
const MEMORY = join(
  dirname(
    createRequire(import.meta.url).resolve('@modelcontextprotocol/server-memory/package.json'),
  ),
  'dist/index.js',
);
const SECRET = 'sk-of-the-editor-0815';

let world: AcpWorld;
beforeAll(async () => {
  world = await AcpWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

/** As editors send a program. */
function program(
  name: string,
  start: { command: string; args: string[] },
  env: Readonly<Record<string, string>> = {},
): McpServer {
  const pairs = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  return { name, ...start, env: pairs };
}

async function scripted(
  name: string,
  tools: readonly string[],
): Promise<{ mcp: ScriptedMcp; start: { command: string; args: string[] } }> {
  const mcp = new ScriptedMcp(world.setup.folder, name);
  return { mcp, start: await mcp.does({ tools }) };
}

it('a published server of the editor does what its session asks of it, and no other session has it', async () => {
  const { editor, setup } = world;
  const graph = join(setup.folder, 'graph.jsonl');
  const entity = { name: 'goald', entityType: 'daemon', observations: ['owns goals'] };
  const memory = program(
    'my memory',
    { command: process.execPath, args: [MEMORY] },
    { MEMORY_FILE_PATH: graph, API_TOKEN: SECRET },
  );
  let read: readonly string[] = [];
  const { sessionId, asked } = await world.session(
    byProgress(
      calls(
        toolCall('mcp__my_memory__create_entities', { entities: [entity] }),
        toolCall('mcp__my_memory__search_nodes', { query: 'goals' }),
      ),
      (request) => {
        read = request.lastToolOutputs;
        return says('Stored.');
      },
    ),
    { mcpServers: [memory] },
  );
  expect(await editor.prompt(sessionId, 'Remember it.')).toEqual({ stopReason: 'end_turn' });
  expect(read[1]).toContain('owns goals');
  expect(await readFile(graph, 'utf8')).toContain('owns goals');
  expect(editor.calls(sessionId).map(({ title, status }) => `${title} ${status ?? ''}`)).toEqual([
    'my_memory: create_entities completed',
    'my_memory: search_nodes completed',
  ]);
  expect(JSON.stringify(asked()[0]?.body['tools'])).toContain('mcp__my_memory__read_graph');

  const other = await world.session(byProgress(says('Nothing.')));
  await editor.prompt(other.sessionId, 'What have you?');
  expect(JSON.stringify(other.asked()[0]?.body['tools'])).not.toContain('mcp__');

  const { client } = setup;
  const list = { serverName: 'my_memory' };
  const mine = await client.request(requests.mcpServerStatusList, { ...list, threadId: sessionId });
  expect(mine.data).toMatchObject([
    { name: 'my_memory', runtimeStatus: 'connected', serverInfo: { name: 'memory-server' } },
  ]);
  expect((await client.request(requests.mcpServerStatusList, list)).data).toEqual([]);
  await expect(
    client.request(requests.mcpServerStatusList, { threadId: crypto.randomUUID() }),
  ).rejects.toMatchObject({ data: { code: 'thread_not_found' } });

  // Nobody but the server gets what the editor gave for it.
  const { thread } = await client.request(requests.threadRead, { threadId: sessionId });
  const { rows } = await client.request(requests.threadExport, { threadId: sessionId });
  const { data } = await client.request(requests.goalEventsList, {});
  const log = await readFile(join(setup.daemon.paths.logs, 'goald.log'), 'utf8');
  const seen = JSON.stringify([thread, rows, data, mine, client.log, log, asked()]);
  expect(seen).not.toContain(SECRET);
  expect(seen).not.toContain('MEMORY_FILE_PATH');
});

it('a goal that runs on after its editor has its servers still, over a crash of the daemon, in the folder of the session', async () => {
  let where: readonly string[] = [];
  let after: readonly string[] = [];
  await using setup = await goalSetup({
    config: { ...QUICK, ...FREE },
    script: steps(
      calls(toolCall('mcp__kept__where', {})),
      (request) => {
        where = request.lastToolOutputs;
        return calls(
          toolCall('shell', { command: 'touch held; until test -e go; do sleep 0.05; done' }),
        );
      },
      calls(toolCall('mcp__kept__echo', { text: 'still here' })),
      (request) => {
        after = request.lastToolOutputs;
        return CLAIM;
      },
    ),
  });
  const { repository } = setup;
  const mcp = new ScriptedMcp(setup.folder, 'kept');
  const kept = program('kept', await mcp.does({ tools: ['where', 'echo'] }));
  let sessionId: string;
  {
    await using editor = await AcpEditor.open(setup);
    sessionId = await editor.newSession(repository, [kept]);
    editor.prompt(sessionId, '/goal Use the server.').catch(() => undefined);
    await eventually('the goal is held', () => existsSync(join(repository, 'held')));
    expect(await editor.quit()).toBe(0);
  }
  expect(where).toEqual([repository]);
  const [before = 0] = await mcp.pids();
  await setup.daemon.kill('SIGKILL');
  await writeFile(join(repository, 'go'), '');
  await setup.restart();
  const { goal } = await setup.client.request(requests.goalWait, {
    threadId: sessionId,
    timeoutMs: 30_000,
  });
  expect(goal?.status).toBe('complete');
  expect(after).toEqual(['echo still here']);
  expect(await isAlive(before)).toBe(false);
  expect(await mcp.pids()).toHaveLength(2);
});

it('an editor that loads a session brings its servers, and one without any takes none away', async () => {
  const { editor } = world;
  const first = await scripted('first', ['echo']);
  const second = await scripted('second', ['fail']);
  const offered: string[][] = [];
  const seen = (request: ScriptedRequest): ScriptedReply => {
    offered.push(request.toolNames.filter((name) => name.startsWith('mcp__')));
    return says('Seen.');
  };
  const { sessionId, repository } = await world.session(byProgress(seen, seen, seen), {
    mcpServers: [program('first', first.start)],
  });
  await editor.prompt(sessionId, 'One.');
  const opened = { sessionId, cwd: repository };
  await editor.request(session.load, { ...opened, mcpServers: [] });
  await editor.prompt(sessionId, 'Two.');
  await editor.request(session.resume, {
    ...opened,
    mcpServers: [program('second', second.start)],
  });
  await editor.prompt(sessionId, 'Three.');
  expect(offered).toEqual([['mcp__first__echo'], ['mcp__first__echo'], ['mcp__second__fail']]);
  const [gone = 0] = await first.mcp.pids();
  await eventually('the first has ended', async () => !(await isAlive(gone)));
});

it('servers that cannot be used, and those that are not there, are told of, and the session goes on', async () => {
  const { editor } = world;
  const { start } = await scripted('good', ['echo']);
  let offered: readonly string[] = [];
  const { sessionId } = await world.session(
    byProgress((request) => {
      offered = request.toolNames.filter((name) => name.startsWith('mcp__'));
      return says('Without them.');
    }),
    {
      mcpServers: [
        { type: 'sse', name: 'old', url: 'http://127.0.0.1:9/sse', headers: [] },
        { type: 'http', name: 'odd', url: 'ftp://127.0.0.1/', headers: [] },
        program('absent', { command: 'no-such-program-anywhere', args: [] }),
        program('same name', start),
        program('same-name', start),
        program('same.name', start),
      ],
    },
  );
  expect(await editor.prompt(sessionId, 'Go.')).toEqual({ stopReason: 'end_turn' });
  const said = editor.said(sessionId);
  expect(said).toContain('`old` of the editor cannot be used: goald speaks to programs');
  expect(said).toContain('`odd` of the editor cannot be used: ftp://127.0.0.1/ is no address');
  expect(said).toContain('`absent` is not there: there is no program no-such-program-anywhere');
  expect(said).toContain('Without them.');
  expect(offered).toEqual([
    'mcp__same-name__echo',
    'mcp__same_name_2__echo',
    'mcp__same_name__echo',
  ]);
  editor.forget();
  await editor.prompt(sessionId, 'Again.').catch(() => undefined);
  expect(editor.said(sessionId)).not.toContain('of the editor cannot be used');
});
