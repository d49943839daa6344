import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as acp from '@agentclientprotocol/sdk';
import { requests } from '@goald/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AcpUser } from '../../helpers/acp/acp-editor.js';
import { eventually } from '../../helpers/eventually.js';
import { calls, toolCall } from '../../helpers/model-server/index.js';
import { CLAIM, steps } from '../../helpers/waiting.js';
import { AcpWorld } from './support/acp-world.js';

const ENDED = { stopReason: 'end_turn' };
const RUN = calls(toolCall('shell', { command: 'touch b.txt' }));
const ADD = '*** Begin Patch\n*** Add File: c.txt\n+new\n*** End Patch';
const PATCH = calls(toolCall('apply_patch', { patch: ADD }));
const ASK = calls(
  toolCall('set_goal', {
    status: 'blocked',
    blocker: { summary: 'The door is locked.', question: 'Where is the key?' },
  }),
);

/** Its daemon asks before it does anything. */
let world: AcpWorld;
beforeAll(async () => {
  world = await AcpWorld.start({ approvals: { policy: 'untrusted', graceSeconds: 0.2 } });
});
afterAll(() => world[Symbol.asyncDispose]());

/** Picks the first option of a kind. */
function picks(
  request: acp.RequestPermissionRequest,
  kind: acp.PermissionOptionKind,
): acp.RequestPermissionResponse {
  const option = request.options.find((offered) => offered.kind === kind);
  if (option === undefined) throw new Error(`no ${kind} in ${JSON.stringify(request.options)}`);
  return { outcome: { outcome: 'selected', optionId: option.optionId } };
}

interface Recorded {
  readonly asked: acp.RequestPermissionRequest[];
  readonly user: AcpUser;
}

/** A user who answers each request in turn, and then no more. */
function answering(...kinds: acp.PermissionOptionKind[]): Recorded {
  const asked: acp.RequestPermissionRequest[] = [];
  return {
    asked,
    user: {
      permit: (request) => {
        const kind = kinds[asked.length];
        asked.push(request);
        return kind === undefined ? new Promise(() => undefined) : picks(request, kind);
      },
    },
  };
}

it('what needs approval is asked of the user of the editor, and what is allowed runs', async () => {
  const script = steps(RUN, PATCH, CLAIM);
  const { asked, user } = answering('allow_once', 'allow_once');
  await using editor = await world.another(user);
  const { sessionId, repository } = await world.session(script, { editor });
  expect(await editor.prompt(sessionId, '/goal Make the files.')).toEqual(ENDED);
  expect(existsSync(join(repository, 'b.txt'))).toBe(true);
  expect(existsSync(join(repository, 'c.txt'))).toBe(true);
  const [run, patch] = editor.calls(sessionId);
  expect(asked).toMatchObject([
    {
      sessionId,
      toolCall: {
        toolCallId: run?.toolCallId,
        title: '`touch b.txt`',
        kind: 'execute',
        status: 'pending',
        rawInput: { command: 'touch b.txt', cwd: repository },
      },
    },
    {
      toolCall: {
        toolCallId: patch?.toolCallId,
        title: 'Create c.txt',
        kind: 'edit',
        content: [{ type: 'diff', newText: 'new\n' }],
      },
    },
  ]);
  expect(asked[0]?.options.map(({ kind, name }) => [kind, name])).toEqual([
    ['allow_once', 'Allow'],
    ['allow_always', 'Allow for this session'],
    ['allow_always', 'Always allow commands that begin with "touch b.txt"'],
    ['reject_once', 'Reject'],
  ]);
  expect([run?.status, patch?.status]).toEqual(['completed', 'completed']);
});

it('what is rejected does not run, and the agent goes on without it', async () => {
  const script = steps(RUN, CLAIM);
  const { user } = answering('reject_once');
  await using editor = await world.another(user);
  const { sessionId, repository, asked: requested } = await world.session(script, { editor });
  expect(await editor.prompt(sessionId, '/goal Make b.txt.')).toEqual(ENDED);
  expect(existsSync(join(repository, 'b.txt'))).toBe(false);
  expect(editor.calls(sessionId)[0]).toMatchObject({ kind: 'execute', status: 'failed' });
  expect(JSON.stringify(requested()[1]?.body)).toContain('a person declined it');
});

it('when another client decides first, the question in the editor is taken back', async () => {
  const script = steps(RUN, CLAIM);
  const takenBack: string[] = [];
  const user: AcpUser = {
    permit: (request, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          takenBack.push(request.toolCall.toolCallId);
          resolve({ outcome: { outcome: 'cancelled' } });
        });
      }),
  };
  await using editor = await world.another(user);
  const { sessionId, repository } = await world.session(script, { editor });
  const open = editor.prompt(sessionId, '/goal Make b.txt.');
  const approval = await eventually('an approval is asked', async () => {
    const { data } = await world.setup.client.request(requests.goalApprovalList, {
      threadId: sessionId,
    });
    return data[0];
  });
  const decided = { approvalId: approval.approvalId, decision: 'accept' } as const;
  await world.setup.client.request(requests.goalApprovalDecide, decided);
  expect(await open).toEqual(ENDED);
  expect(existsSync(join(repository, 'b.txt'))).toBe(true);
  expect(takenBack).toEqual([approval.itemId]);
});

it('what nobody decided waits with the goal, is asked of the next editor, and runs then', async () => {
  const script = steps(RUN, CLAIM);
  // Editors answer so when their user closes the question.
  const closing: AcpUser = { permit: () => ({ outcome: { outcome: 'cancelled' } }) };
  const first = await world.another(closing);
  const { sessionId, repository } = await world.session(script, { editor: first });
  {
    await using _first = first;
    expect(await first.prompt(sessionId, '/goal Make b.txt.')).toEqual(ENDED);
    expect(first.said(sessionId)).toContain('goal paused: Waits for approval: touch b.txt');
  }
  expect(existsSync(join(repository, 'b.txt'))).toBe(false);
  const { asked, user } = answering('allow_once');
  await using second = await world.another(user);
  const cwd = repository;
  await second.request('session/load', { sessionId, cwd, mcpServers: [] });
  await second.heard(sessionId, '> ✓');
  expect(asked).toMatchObject([{ toolCall: { rawInput: { command: 'touch b.txt' } } }]);
  expect(existsSync(join(repository, 'b.txt'))).toBe(true);
});

it('an editor with forms is asked the questions of the agent in the middle of the turn', async () => {
  const script = steps(ASK, CLAIM);
  const asked: acp.CreateElicitationRequest[] = [];
  const user: AcpUser = {
    fill: (request) => {
      asked.push(request);
      const { requestedSchema } = request as { requestedSchema: acp.ElicitationSchema };
      const [id = ''] = Object.keys(requestedSchema.properties ?? {});
      return { action: 'accept', content: { [id]: 'Under the mat.' } };
    },
  };
  await using editor = await world.another(user);
  const { sessionId, asked: requested } = await world.session(script, { editor });
  expect(await editor.prompt(sessionId, '/goal Open the door.')).toEqual(ENDED);
  expect(asked).toMatchObject([{ mode: 'form', sessionId, message: 'Where is the key?' }]);
  expect(editor.said(sessionId)).toContain('> ✓');
  expect(editor.text(sessionId, 'user_message_chunk')).toBe('');
  expect(JSON.stringify(requested().at(-1)?.body)).toContain('Under the mat.');
});

it('cancelling the prompt takes an open question back, and pauses the goal', async () => {
  const script = steps(RUN, CLAIM);
  const { asked, user } = answering();
  await using editor = await world.another(user);
  const { sessionId } = await world.session(script, { editor });
  const open = editor.prompt(sessionId, '/goal Make b.txt.');
  await eventually('asked', () => asked.length > 0);
  await editor.cancel(sessionId);
  expect(await open).toEqual({ stopReason: 'cancelled' });
  const { goal } = await world.setup.client.request(requests.threadGoalGet, {
    threadId: sessionId,
  });
  expect(goal).toMatchObject({ status: 'paused' });
  const list = { threadId: sessionId, all: true };
  const { data } = await world.setup.client.request(requests.goalApprovalList, list);
  expect(data.map(({ decision }) => decision)).toEqual(['withdrawn']);
});
