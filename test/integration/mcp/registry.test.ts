import { tmpdir } from 'node:os';
import { mcpServersSchema, type Config } from '@goald/protocol';
import { IDLE_MS, McpRegistry } from '@goald/server/agent/mcp/mcp-registry.js';
import type { StartupNews } from '@goald/server/agent/mcp/mcp-servers.js';
import { allStarted, offeredTools } from '@goald/server/agent/mcp/offered-tools.js';
import { LocalServerProcesses } from '@goald/server/workspace/server-process.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { isAlive, ScriptedMcp } from '../../helpers/mcp/scripted.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const MINUTE_MS = 60_000;

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

interface World extends AsyncDisposable {
  readonly registry: McpRegistry;
  readonly clock: ManualClock;
  readonly given: Map<string, Config['mcpServers']>;
  readonly atWork: Set<string>;
  readonly told: StartupNews[];
  /** Names of the tools that a turn of the thread is offered. */
  tools(threadId: string): Promise<readonly string[]>;
}

function world(): World {
  const clock = new ManualClock();
  const given = new Map<string, Config['mcpServers']>();
  const atWork = new Set<string>();
  const told: StartupNews[] = [];
  const processes = new LocalServerProcesses({
    homeId: 'registry',
    graceMs: 300,
    env: process.env,
  });
  const registry = new McpRegistry({
    connect: { processes, version: '1.0.0', env: process.env, home: tmpdir() },
    clock,
    given: (threadId) => given.get(threadId) ?? null,
    isAtWork: (threadId) => atWork.has(threadId),
    onStatus: (news) => told.push(news),
  });
  return {
    ...{ registry, clock, given, atWork, told },
    tools: async (threadId) => {
      const servers = registry.of(threadId);
      await allStarted(servers, new AbortController().signal);
      return offeredTools(servers).map(({ name }) => name);
    },
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

async function server(
  name: string,
  tools: readonly string[],
): Promise<{ mcp: ScriptedMcp; config: (as: string) => Config['mcpServers'] }> {
  const mcp = new ScriptedMcp(folder.path, name);
  const start = await mcp.does({ tools });
  return { mcp, config: (as) => mcpServersSchema.parse({ [as]: start }) };
}

it('a thread has the servers of the configuration and its own, which come before one of the same name', async () => {
  const common = await server('common', ['echo']);
  const other = await server('other', ['echo']);
  const own = await server('own', ['fail']);
  await using place = world();
  place.registry.apply({ ...common.config('a'), ...other.config('b') });
  place.given.set('t', own.config('a'));
  expect(await place.tools('t')).toEqual(['mcp__a__fail', 'mcp__b__echo']);
  // What stands behind one of the thread is not even started for it.
  expect(await common.mcp.pids()).toEqual([]);
  expect(await place.tools('another')).toEqual(['mcp__a__echo', 'mcp__b__echo']);
  expect(await other.mcp.pids()).toHaveLength(1);
  const named = place.told.map(
    ({ threadId, name, status }) => `${String(threadId)} ${name} ${status}`,
  );
  expect(named.toSorted()).toEqual([
    'null a ready',
    'null a starting',
    'null b ready',
    'null b starting',
    't a ready',
    't a starting',
  ]);
});

it('what a client changes of a thread counts when its servers are next asked for, and the others go on', async () => {
  const stays = await server('stays', ['echo']);
  const goes = await server('goes', ['fail']);
  await using place = world();
  place.given.set('t', { ...stays.config('stays'), ...goes.config('goes') });
  await place.tools('t');
  place.given.set('t', stays.config('stays'));
  expect(await place.tools('t')).toEqual(['mcp__stays__echo']);
  const [gone = 0] = await goes.mcp.pids();
  await eventually('it has ended', async () => !(await isAlive(gone)));
  place.given.delete('t');
  expect(await place.tools('t')).toEqual([]);
  const [last = 0, ...more] = await stays.mcp.pids();
  expect(more).toEqual([]);
  await eventually('the last has ended', async () => !(await isAlive(last)));
});

it('the servers of a thread that nobody wants end after a while, not those of one at work, and start again', async () => {
  const idle = await server('idle', ['echo']);
  const busy = await server('busy', ['echo']);
  const common = await server('common', ['echo']);
  await using place = world();
  const { clock, given, atWork } = place;
  place.registry.apply(common.config('common'));
  given.set('idle', idle.config('s'));
  given.set('busy', busy.config('s'));
  await place.tools('idle');
  await place.tools('busy');
  atWork.add('busy');
  const [first = 0] = await idle.mcp.pids();
  for (let ms = 0; ms < IDLE_MS - MINUTE_MS; ms += MINUTE_MS) clock.advance(MINUTE_MS);
  expect(await isAlive(first)).toBe(true);
  clock.advance(2 * MINUTE_MS);
  await eventually('it has ended', async () => !(await isAlive(first)));
  for (const one of [busy, common]) {
    const [pid = 0] = await one.mcp.pids();
    expect(await isAlive(pid)).toBe(true);
  }
  expect(await place.tools('idle')).toEqual(['mcp__common__echo', 'mcp__s__echo']);
  expect(await idle.mcp.pids()).toHaveLength(2);
});

it('a thread that is gone takes its servers along, and all end with the registry', async () => {
  const one = await server('one', ['echo']);
  const other = await server('other', ['echo']);
  const place = world();
  place.given.set('one', one.config('s'));
  place.given.set('other', other.config('s'));
  await place.tools('one');
  await place.tools('other');
  place.registry.forget('one');
  const [gone = 0] = await one.mcp.pids();
  await eventually('it has ended', async () => !(await isAlive(gone)));
  const [last = 0] = await other.mcp.pids();
  expect(await isAlive(last)).toBe(true);
  await place[Symbol.asyncDispose]();
  expect(await isAlive(last)).toBe(false);
  expect(place.registry.of('other')).toEqual([]);
});
