import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { methods, type SessionConfigOption } from '@agentclientprotocol/sdk';
import { requests } from '@goald/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { byProgress, calls, says, toolCall } from '../../helpers/model-server/index.js';
import { CLAIM } from '../../helpers/waiting.js';
import { AcpWorld } from './support/acp-world.js';

const { session } = methods.agent;
const ENDED = { stopReason: 'end_turn' };
const PATCH = ['*** Begin Patch', '*** Update File: a.txt', '@@', '-one', '+two', '*** End Patch'];
const WORK = byProgress(
  {
    reasoning: 'First I look.',
    text: 'Looking at the file.',
    toolCalls: [
      toolCall('read_file', { path: 'a.txt' }),
      toolCall('shell', { command: 'echo hi' }),
    ],
  },
  calls(
    toolCall('update_plan', {
      steps: [
        { step: 'look', status: 'completed' },
        { step: 'change', status: 'in_progress' },
      ],
    }),
    toolCall('apply_patch', { patch: PATCH.join('\n') }),
  ),
  says('Done.'),
  says('Again.'),
);

/** A picture of one red point. */
const RED =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let world: AcpWorld;
beforeAll(async () => {
  world = await AcpWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

it('initialize tells what goald can do, and asks for no authentication', async () => {
  const hello = await world.editor.request(methods.agent.initialize, { protocolVersion: 1 });
  expect(hello).toMatchObject({
    protocolVersion: 1,
    agentInfo: { name: 'goald' },
    agentCapabilities: {
      loadSession: true,
      promptCapabilities: { image: true, audio: false, embeddedContext: true },
      mcpCapabilities: { http: true, sse: false },
      sessionCapabilities: { list: {}, resume: {}, close: {}, delete: {} },
    },
    authMethods: [],
  });
});

it('a prompt is a turn: text, thoughts, plan and tool calls come as updates before it is answered', async () => {
  const { editor } = world;
  const { sessionId, repository } = await world.session(WORK);
  expect(await editor.prompt(sessionId, 'Change the file.')).toEqual(ENDED);

  expect(editor.text(sessionId, 'agent_thought_chunk')).toBe('First I look.');
  expect(editor.said(sessionId)).toBe('Looking at the file.Done.');
  expect(editor.text(sessionId, 'user_message_chunk')).toBe('');
  expect(editor.of(sessionId, 'plan').at(-1)?.entries).toEqual([
    { content: 'look', priority: 'medium', status: 'completed' },
    { content: 'change', priority: 'medium', status: 'in_progress' },
  ]);
  const [read, shell, patch, ...more] = editor.calls(sessionId);
  expect(more).toEqual([]);
  const path = `${repository}/a.txt`;
  expect(read).toMatchObject({ kind: 'read', status: 'completed', locations: [{ path }] });
  expect(shell).toMatchObject({
    kind: 'execute',
    status: 'completed',
    title: '`echo hi`',
    rawInput: { command: 'echo hi' },
    content: [{ type: 'content', content: { type: 'text', text: '```\nhi\n```' } }],
  });
  expect(patch).toMatchObject({
    kind: 'edit',
    status: 'completed',
    content: [{ type: 'diff', path, oldText: 'one', newText: 'two' }],
    locations: [{ path, line: 1 }],
  });
  expect(editor.of(sessionId, 'session_info_update').at(-1)?.title).toBe('Change the file.');
});

it('a session can be listed, loaded with its whole past by another editor, gone on with, and deleted', async () => {
  const { editor: first } = world;
  const { sessionId, repository: cwd } = await world.session(WORK);
  await first.prompt(sessionId, 'Change the file.');

  await using editor = await world.another();
  const { sessions } = await editor.request(session.list, { cwd });
  expect(sessions).toEqual([
    expect.objectContaining({
      sessionId,
      cwd,
      title: 'Change the file.',
      updatedAt: expect.stringMatching(/^20\d\d-/u) as unknown,
    }),
  ]);

  const loaded = await editor.request(session.load, { sessionId, cwd, mcpServers: [] });
  expect(loaded.modes?.currentModeId).toBe('chat');
  expect(editor.text(sessionId, 'user_message_chunk')).toBe('Change the file.');
  expect(editor.text(sessionId, 'agent_thought_chunk')).toBe('First I look.');
  expect(editor.said(sessionId)).toBe('Looking at the file.Done.');
  expect(editor.calls(sessionId)).toEqual(first.calls(sessionId));
  expect(editor.of(sessionId, 'plan')).toHaveLength(1);

  editor.forget();
  first.forget();
  expect(await editor.prompt(sessionId, 'And again.')).toEqual(ENDED);
  expect(editor.said(sessionId)).toBe('Again.');
  expect(editor.text(sessionId, 'user_message_chunk')).toBe('');
  await eventually('the other editor shows it, too', () => first.said(sessionId) === 'Again.');
  expect(first.text(sessionId, 'user_message_chunk')).toBe('And again.');

  await editor.request(session.delete, { sessionId });
  expect((await editor.request(session.list, { cwd })).sessions).toEqual([]);
  await expect(editor.prompt(sessionId, 'Still there?')).rejects.toMatchObject({ code: -32002 });
});

it('the past of a goal is told as it was seen: its turns, its verification and how it ended', async () => {
  const { editor: first } = world;
  const claim = toolCall('set_goal', {
    status: 'complete',
    evidence: [{ criterion: 'done', proof: 'seen' }],
  });
  const { sessionId, repository: cwd } = await world.session(
    byProgress(
      calls(toolCall('shell', { command: 'touch two' })),
      says('So far, so good.'),
      calls(claim),
    ),
  );
  await first.prompt(sessionId, '/goal Write.\n\n## Verification\n- `test -f two`');
  await using editor = await world.another();
  await editor.request(session.load, { sessionId, cwd, mcpServers: [] });
  expect(editor.said(sessionId)).toBe(first.said(sessionId));
  expect(editor.calls(sessionId)).toEqual(first.calls(sessionId));
  expect(editor.calls(sessionId).map(({ title }) => title)).toContain(
    'Verification by goald: test -f two',
  );
});

it('a session that is resumed has its past in the daemon, and none of it is told again', async () => {
  const { editor: first } = world;
  const { sessionId, repository: cwd } = await world.session(WORK);
  await first.prompt(sessionId, 'Change the file.');
  await first.request(session.close, { sessionId });
  await expect(first.prompt(sessionId, 'Hello?')).rejects.toMatchObject({ code: -32002 });

  await using editor = await world.another();
  await editor.request(session.resume, { sessionId, cwd });
  await editor.prompt(sessionId, 'And again.');
  expect(editor.said(sessionId)).toBe('Again.');
  expect(editor.calls(sessionId)).toEqual([]);
});

it('what a prompt refers to reaches the agent: links by their path, embedded files whole', async () => {
  const { editor } = world;
  const { sessionId, repository, asked } = await world.session(byProgress(says('Seen.')));
  await editor.request(session.prompt, {
    sessionId,
    prompt: [
      { type: 'text', text: 'Compare ' },
      { type: 'resource_link', uri: `file://${repository}/a.txt#L1:2`, name: 'a.txt' },
      { type: 'text', text: ' with ' },
      { type: 'resource', resource: { uri: 'zed:///buffer/1', text: 'the old text' } },
    ],
  });
  const body = JSON.stringify(asked()[0]?.body);
  expect(body).toContain('Compare a.txt#L1:2 with zed:///buffer/1');
  expect(body).toContain(JSON.stringify('<context>\nthe old text\n</context>').slice(1, -1));
});

it('an image reaches the model, also with a goal, and is seen again when the session is loaded', async () => {
  const { editor } = world;
  const { sessionId, repository, asked } = await world.session(
    byProgress(says('A red square.'), CLAIM),
  );
  const image = { type: 'image', data: RED, mimeType: 'image/png' } as const;
  await editor.request(session.prompt, {
    sessionId,
    prompt: [{ type: 'text', text: 'What is this? ' }, image],
  });
  const url = `data:image/png;base64,${RED}`;
  const seen = { type: 'input_image', image_url: url, detail: 'auto' };
  expect(asked()[0]?.body['input']).toMatchObject([
    { role: 'user', content: [{ type: 'input_text', text: 'What is this?' }, seen] },
  ]);
  await using other = await world.another();
  await other.request(session.load, { sessionId, cwd: repository, mcpServers: [] });
  expect(other.of(sessionId, 'user_message_chunk').map(({ content }) => content)).toEqual([
    { type: 'text', text: 'What is this?' },
    image,
  ]);
  await editor.request(session.prompt, {
    sessionId,
    prompt: [
      { type: 'text', text: '/goal Draw it.' },
      { type: 'resource', resource: { uri: 'file:///b.png', mimeType: 'image/png', blob: RED } },
    ],
  });
  const last = JSON.stringify(asked().at(-1)?.body['input']);
  expect(last.split(url)).toHaveLength(3);
});

it('a second prompt while one is open is added to the turn in flight', async () => {
  const { editor } = world;
  const slow = calls(toolCall('shell', { command: 'until test -e go; do sleep 0.05; done' }));
  const { sessionId, repository, asked } = await world.session(
    byProgress(slow, says('Both heard.')),
  );
  const first = editor.prompt(sessionId, 'Begin.');
  await eventually('the turn is at work', () => editor.calls(sessionId).length > 0);
  const second = editor.prompt(sessionId, 'And mind the gap.');
  // The mode is answered after the prompt before it was read.
  await editor.request(session.setMode, { sessionId, modeId: 'chat' });
  await eventually('the words are there', () => steered(sessionId));
  await writeFile(join(repository, 'go'), '');
  expect(await Promise.all([first, second])).toEqual([ENDED, ENDED]);
  expect(editor.said(sessionId)).toBe('Both heard.');
  expect(JSON.stringify(asked()[1]?.body)).toContain('And mind the gap.');
});

async function steered(threadId: string): Promise<boolean> {
  const { thread } = await world.setup.client.request(requests.threadRead, {
    threadId,
    includeTurns: true,
  });
  return JSON.stringify(thread.turns).includes('And mind the gap.');
}

it('a turn that fails answers its prompt with the error of the model', async () => {
  const { editor } = world;
  const refused = { kind: 'status', status: 401, body: { error: { message: 'bad key' } } } as const;
  const { sessionId } = await world.session(() => ({ fault: refused }));
  await expect(editor.prompt(sessionId, 'Go.')).rejects.toMatchObject({
    code: -32603,
    message: expect.stringContaining('bad key') as unknown,
    data: { code: 'turn_failed', codexErrorInfo: 'unauthorized' },
  });
});

it('model, approvals and sandbox are chosen in the editor, and hold for what follows', async () => {
  const { editor, setup } = world;
  const { sessionId, asked } = await world.session(byProgress(says('With another model.')));
  const choose = async (configId: string, value: string): Promise<Record<string, unknown>> => {
    const { configOptions } = await editor.request(session.setConfigOption, {
      ...{ sessionId, configId, value },
    });
    return chosen(configOptions);
  };
  expect(await choose('approvals', 'on-request')).toMatchObject({
    approvals: 'on-request',
    sandbox: 'dangerFullAccess',
  });
  expect(await choose('model', 'other-model')).toMatchObject({ model: 'other-model' });
  await expect(choose('approvals', 'perhaps')).rejects.toMatchObject({ code: -32602 });
  await expect(choose('colour', 'red')).rejects.toMatchObject({ code: -32602 });
  await editor.prompt(sessionId, 'Go.');
  expect(asked()[0]?.body['model']).toBe('other-model');

  const { client } = setup;
  const resumed = await client.request(requests.threadResume, { threadId: sessionId });
  expect(resumed).toMatchObject({ approvalPolicy: 'on-request', model: 'other-model' });
  const change = { threadId: sessionId, approvalPolicy: 'untrusted' } as const;
  await client.request(requests.threadSettingsUpdate, change);
  await eventually('the editor shows what another client chose', () => {
    const told = editor.of(sessionId, 'config_option_update').at(-1);
    return told !== undefined && chosen(told.configOptions)['approvals'] === 'untrusted';
  });
});

function chosen(options: readonly SessionConfigOption[]): Record<string, unknown> {
  return Object.fromEntries(options.map(({ id, currentValue }) => [id, currentValue]));
}

it('what is not possible is refused with an error that says why', async () => {
  const { editor } = world;
  const { sessionId, repository: cwd, asked } = await world.session(byProgress());
  const mcpServers: [] = [];
  const gone = '0190b6a2-1111-7000-8000-0123456789ab';
  const image = { type: 'image', data: 'aGk=', mimeType: 'image/png' } as const;
  const sound = { type: 'audio', data: 'aGk=', mimeType: 'audio/wav' } as const;
  const refused: [() => Promise<unknown>, number, RegExp][] = [
    [() => editor.newSession('relative/path'), -32602, /absolute/u],
    [() => editor.newSession('/no/such/folder'), -32602, /\/no\/such\/folder/u],
    [() => editor.request(session.load, { sessionId: gone, cwd, mcpServers }), -32002, /session/u],
    [() => editor.request(session.load, { sessionId: 'x', cwd, mcpServers }), -32002, /session/u],
    [() => editor.prompt(gone, 'Hello?'), -32002, /session/u],
    [() => editor.prompt(sessionId, '  '), -32602, /empty/u],
    [() => editor.request(session.prompt, { sessionId, prompt: [sound] }), -32602, /sound/u],
    [() => editor.request(session.prompt, { sessionId, prompt: [image] }), -32602, /PNG, JPEG/u],
    [() => editor.request(session.list, { cursor: 'nonsense' }), -32602, /cursor/u],
  ];
  for (const [ask, code, message] of refused) {
    await expect(ask()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as unknown,
    });
  }
  expect(asked()).toHaveLength(0);
});
