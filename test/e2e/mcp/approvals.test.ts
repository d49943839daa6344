import { afterEach, beforeEach, expect, it } from 'vitest';
import { ScriptedMcp } from '../../helpers/mcp/scripted.js';
import { calls, sequence, toolCall } from '../../helpers/model-server/index.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM } from '../api/support/scripts.js';
import { askedToRun, attach, decisionOf } from '../approvals/support/approvals.js';

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

it('a call is asked about unless the server calls the tool read-only or the configuration decides', async () => {
  const server = new ScriptedMcp(folder.path, 's');
  const start = await server.does({ tools: ['echo', 'progress', 'fail'] });
  await using world = await ApiWorld.start({
    engine: { noProgressDelaysMs: [1, 1], retryBaseMs: 1, stopGraceMs: 300 },
    mcpServers: {
      free: { ...start, approval: 'approve' },
      strict: { ...start, approval: 'prompt', toolApproval: { fail: 'approve' } },
      usual: start,
    },
  });
  await using person = await world.person();
  const place = await world.place(
    sequence(
      calls(
        toolCall('mcp__free__progress', {}),
        toolCall('mcp__strict__fail', {}),
        toolCall('mcp__usual__echo', { text: 'read' }),
        toolCall('mcp__usual__progress', {}),
        toolCall('mcp__strict__echo', { text: 'read' }),
      ),
      CLAIM,
    ),
  );
  await attach(person, place.threadId);
  await place.setGoal({ objective: 'Call.', approvalPolicy: 'on-request' });
  const first = await askedToRun(person, place.threadId);
  expect(first.params).toMatchObject({
    command: 'mcp usual progress {}',
    reason: 'progress is a tool of the MCP server usual, which runs outside of the sandbox.',
  });
  // What came before it needed nobody.
  const called = async (): Promise<readonly string[]> =>
    (await server.log()).filter((line) => line.startsWith('tools/call'));
  expect(await called()).toEqual(['tools/call progress', 'tools/call fail', 'tools/call echo']);
  person.answer(first.id, decisionOf('accept'));
  const strict = 'mcp strict echo {"text":"read"}';
  const second = await askedToRun(person, place.threadId, strict);
  person.answer(second.id, decisionOf('decline'));
  expect((await place.stopped()).status).toBe('complete');
  expect(await called()).toHaveLength(4);
});

it('a read-only goal that asks nobody runs what the server calls read-only or the configuration allows, and nothing else', async () => {
  const server = new ScriptedMcp(folder.path, 's');
  const start = await server.does({ tools: ['echo', 'where', 'fail'] });
  await using world = await ApiWorld.start({
    engine: { noProgressDelaysMs: [1, 1], retryBaseMs: 1, stopGraceMs: 300 },
    mcpServers: { s: { ...start, toolApproval: { fail: 'approve' } } },
  });
  let read: readonly string[] = [];
  const place = await world.place(
    sequence(
      calls(
        toolCall('mcp__s__echo', { text: 'read' }),
        toolCall('mcp__s__where', {}),
        toolCall('mcp__s__fail', {}),
      ),
      (request) => {
        read = request.lastToolOutputs;
        return CLAIM;
      },
    ),
  );
  await place.setGoal({ objective: 'Call.', approvalPolicy: 'never', sandbox: 'read-only' });
  await place.stopped();
  expect(read[0]).toBe('echo read');
  expect(read[1]).toContain('this thread is read-only, and the MCP server s does not call where');
  expect(read[2]).toBe('it did not work');
  const called = (await server.log()).filter((line) => line.startsWith('tools/call'));
  expect(called).toEqual(['tools/call echo', 'tools/call fail']);
});
