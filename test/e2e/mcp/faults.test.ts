import { notifications, requests } from '@goald/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { isAlive, ScriptedMcp, type McpScript } from '../../helpers/mcp/scripted.js';
import {
  byProgress,
  calls,
  says,
  toolCall,
  type InputItem,
  type ScriptedRequest,
} from '../../helpers/model-server/index.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { CLAIM } from '../api/support/scripts.js';
import { mcpGoal, mcpItems, status } from './support/mcp-goal.js';

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function scripted(
  script: McpScript,
): Promise<{ server: ScriptedMcp; start: { command: string; args: string[] } }> {
  const server = new ScriptedMcp(folder.path, 'scripted');
  return { server, start: await server.does(script) };
}

function outputs({ input }: ScriptedRequest): string[] {
  return input
    .filter((item): item is Extract<InputItem, { type: 'output' }> => item.type === 'output')
    .map((item) => item.output);
}

describe('a call that goes wrong', () => {
  it('is an error output, whatever the server does, and the turn goes on', async () => {
    const tools = ['echo', 'fail', 'refuse', 'malformed', 'wrong', 'ask', 'hang', 'long', 'huge'];
    const { start } = await scripted({ tools });
    let read: string[] = [];
    const names = tools.map((tool) => `mcp__s__${tool}`);
    await using setup = await mcpGoal({
      servers: { s: { ...start, toolTimeoutSeconds: 2 } },
      script: byProgress(
        calls(
          ...names.map((name) => toolCall(name, { text: 'hello' })),
          toolCall('mcp__s__nothing', {}),
          toolCall('mcp__s__echo', '[1]'),
          toolCall('mcp__s__echo', { text: 'back' }),
        ),
        (request) => {
          read = outputs(request);
          return CLAIM;
        },
      ),
    });
    await setup.setGoal({ objective: 'Call everything.' });
    const goal = await setup.stopped(60_000);
    expect(goal).toMatchObject({ status: 'complete', turnsUsed: 1 });
    const [echo, fail, refuse, malformed, wrong, ask, hang, long, huge, unknown, list, back] = read;
    expect(echo).toBe('echo hello');
    expect(fail).toBe('it did not work');
    expect(refuse).toContain('no such thing');
    expect(malformed).toContain('malformed');
    expect(wrong).not.toBe('');
    // Nobody is there to fill in forms of servers, and it is told so.
    expect(ask).toMatch(/^asked: .*(elicitation|not found)/i);
    expect(hang).toContain('It took longer than 2 s and was told to stop.');
    expect(long).toContain('characters cut here. Full output:');
    expect(long).toMatch(/the end$/);
    expect(huge).toContain('a message of more than 16777216 bytes');
    expect(unknown).toContain('There is no tool named "mcp__s__nothing"');
    expect(list).toContain('not a JSON object');
    // It was started again after it had to be ended.
    expect(back).toBe('echo back');
    expect(mcpItems(setup).map((item) => [item.tool, item.status])).toEqual([
      ['echo', 'completed'],
      ['fail', 'failed'],
      ['refuse', 'failed'],
      ['malformed', 'failed'],
      ['wrong', 'failed'],
      ['ask', 'completed'],
      ['hang', 'failed'],
      ['long', 'completed'],
      ['huge', 'failed'],
      ['echo', 'completed'],
    ]);
    const [first, second, third] = mcpItems(setup);
    expect(first).toMatchObject({
      server: 's',
      arguments: { text: 'hello' },
      readOnlyHint: true,
      result: { content: [{ type: 'text', text: 'echo hello' }], structuredContent: null },
      error: null,
    });
    expect(second).toMatchObject({
      result: { content: [{ text: 'it did not work' }] },
      error: null,
    });
    expect(third).toMatchObject({ result: null, readOnlyHint: null });
    expect(third?.error?.message).toContain('no such thing');
  });

  it('is cancelled at the server when the turn is stopped', async () => {
    const { server, start } = await scripted({ tools: ['hang'] });
    await using setup = await mcpGoal({
      servers: { s: start },
      script: () => calls(toolCall('mcp__s__hang', {})),
    });
    await setup.setGoal({ objective: 'Hang.' });
    await eventually('the call runs', async () => (await server.log()).includes('tools/call hang'));
    await setup.client.request(requests.threadGoalPause, { threadId: setup.threadId });
    await setup.client.until(notifications.turnCompleted);
    await eventually('the server was told', async () =>
      (await server.log()).includes('notifications/cancelled'),
    );
    expect(mcpItems(setup)).toMatchObject([{ tool: 'hang', status: 'failed', result: null }]);
    expect((await server.pids()).length).toBe(1);
  });

  it('that ends the server is told how, and the next call finds it started again', async () => {
    const { server, start } = await scripted({ tools: ['die', 'echo'] });
    let read: string[] = [];
    await using setup = await mcpGoal({
      servers: { s: start },
      script: byProgress(
        calls(toolCall('mcp__s__die', {}), toolCall('mcp__s__echo', { text: 'again' })),
        (request) => {
          read = outputs(request);
          return CLAIM;
        },
      ),
    });
    await setup.setGoal({ objective: 'Die.' });
    expect((await setup.stopped()).status).toBe('complete');
    expect(read[0]).toContain('exit code 7');
    expect(read[0]).toContain('out of luck');
    expect(read[1]).toBe('echo again');
    expect((await server.pids()).length).toBe(2);
  });
});

describe('a server', () => {
  it('that cannot be started does not keep the others or the turn, and says why', async () => {
    const { start } = await scripted({ tools: ['echo'] });
    const broken = new ScriptedMcp(folder.path, 'broken');
    const hanging = new ScriptedMcp(folder.path, 'hanging');
    await using setup = await mcpGoal({
      servers: {
        s: start,
        absent: { command: 'no-such-program-anywhere' },
        broken: await broken.does({ tools: [], dieAtStart: true }),
        hanging: {
          ...(await hanging.does({ tools: [], hangAtStart: true })),
          startupTimeoutSeconds: 1,
        },
        off: { command: 'never-started', enabled: false },
      },
      script: (request) => (request.toolNames.includes('mcp__s__echo') ? CLAIM : says('no tools')),
    });
    await setup.setGoal({ objective: 'Do it.' });
    expect((await setup.stopped()).status).toBe('complete');
    expect(await status(setup, 'absent')).toMatchObject({
      runtimeStatus: 'failed',
      error: 'there is no program no-such-program-anywhere in PATH',
      tools: {},
    });
    expect((await status(setup, 'off')).runtimeStatus).toBe('disabled');
    expect((await status(setup, 'broken')).error).toContain('no database');
    expect((await status(setup, 'hanging')).error).toContain('did not start within 1 s');
    expect(await status(setup, 's')).toMatchObject({
      runtimeStatus: 'connected',
      serverInfo: { name: 'scripted', version: '1.0.0' },
      tools: { echo: { name: 'echo' } },
      toolNames: { echo: 'mcp__s__echo' },
      error: null,
      authStatus: 'unsupported',
    });
    const told = setup.client.all(notifications.mcpServerStartupStatusUpdated);
    expect(told.filter(({ name }) => name === 's').map((one) => one.status)).toEqual([
      'starting',
      'ready',
    ]);
  });

  it('gets no key of a provider, only what its configuration gives it', async () => {
    const { start } = await scripted({ tools: ['env'] });
    let read: string[] = [];
    await using setup = await mcpGoal({
      servers: { s: { ...start, env: { MY_TOKEN: 'mine' } } },
      script: byProgress(calls(toolCall('mcp__s__env', {})), (request) => {
        read = outputs(request);
        return CLAIM;
      }),
    });
    await setup.setGoal({ objective: 'Look.' });
    await setup.stopped();
    expect(read[0]).toContain('"MY_TOKEN":"mine"');
    expect(read[0]).not.toContain('OPENAI_API_KEY');
    expect(read[0]).not.toContain('sk-test-secret');
  });

  it('ends with the daemon, and what a killed daemon left of it is ended by the next', async () => {
    const { server, start } = await scripted({ tools: ['echo'] });
    await using setup = await mcpGoal({
      servers: { s: start },
      script: () => says('nothing'),
    });
    await status(setup, 's');
    const [first = 0] = await server.pids();
    expect(await isAlive(first)).toBe(true);
    await setup.restart();
    expect(await isAlive(first)).toBe(false);
    await status(setup, 's');
    const second = (await server.pids()).at(-1) ?? 0;
    // It must not see that its input is closed.
    process.kill(second, 'SIGSTOP');
    await setup.daemon.kill('SIGKILL');
    expect(await isAlive(second)).toBe(true);
    await setup.restart();
    await eventually('the stray is ended', async () => !(await isAlive(second)));
  });

  it('tells of its progress while a call runs', async () => {
    const { start } = await scripted({ tools: ['progress'] });
    await using setup = await mcpGoal({
      servers: { s: start },
      script: byProgress(calls(toolCall('mcp__s__progress', {})), CLAIM),
    });
    await setup.setGoal({ objective: 'Wait.' });
    await setup.stopped();
    const [item] = mcpItems(setup);
    expect(setup.client.all(notifications.mcpToolCallProgress)).toMatchObject([
      { itemId: item?.id, message: 'half' },
    ]);
    expect(
      setup.client
        .all(notifications.itemStarted)
        .map((started) => started.item)
        .find((started) => started.id === item?.id),
    ).toMatchObject({ type: 'mcpToolCall', status: 'inProgress', durationMs: null });
  });
});

it('what a server changes in mid-turn is offered from the next turn on, and nothing else moves', async () => {
  const { server, start } = await scripted({ tools: ['change', 'echo'] });
  const offered: (readonly string[])[] = [];
  const bytes: string[] = [];
  await using setup = await mcpGoal({
    servers: { s: start, other: { command: 'no-such-program-anywhere' } },
    script: async (request) => {
      offered.push(request.toolNames.filter((name) => name.startsWith('mcp__')));
      bytes.push(JSON.stringify(request.body['tools']));
      if (request.index === 0) {
        await server.does({ tools: ['change', 'echo', 'fail'] });
        return calls(toolCall('mcp__s__change', {}));
      }
      if (request.index === 1) {
        await eventually('the new list is known', async () =>
          Object.keys((await status(setup, 's')).tools).includes('fail'),
        );
        return says('The turn ends here.');
      }
      return CLAIM;
    },
  });
  await setup.setGoal({ objective: 'Change.' });
  expect((await setup.stopped()).status).toBe('complete');
  expect(offered.slice(0, 3)).toEqual([
    ['mcp__s__change', 'mcp__s__echo'],
    ['mcp__s__change', 'mcp__s__echo'],
    ['mcp__s__change', 'mcp__s__echo', 'mcp__s__fail'],
  ]);
  expect(bytes[1]).toBe(bytes[0]);
});
